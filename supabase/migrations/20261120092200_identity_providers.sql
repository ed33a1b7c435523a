-- Identity tokens of a provider that publishes its keys (JWKS), beside those signed with the agent's own secret.
--
-- All four settings are needed: some providers sign the tokens of all their customers with the same keys, so that
-- without the audience anybody's customer could pose as any visitor; and an algorithm that the token may choose is no check.
alter table heddle.agents
  drop constraint agents_identity_check,
  add constraint agents_identity check (coalesce(
    case identity ->> 'provider'
      when 'hs256' then identity = '{"provider": "hs256"}'
      when 'jwks' then
        identity - '{provider,issuer,jwksUrl,audience,algs}'::text[] = '{}'
        and jsonb_typeof(identity -> 'issuer') = 'string' and identity ->> 'issuer' <> ''
        and jsonb_typeof(identity -> 'jwksUrl') = 'string' and identity ->> 'jwksUrl' ~ '^https?://[^/[:space:]]'
        and jsonb_typeof(identity -> 'audience') = 'string' and identity ->> 'audience' <> ''
        and jsonb_typeof(identity -> 'algs') = 'array' and identity -> 'algs' <> '[]'
        and identity -> 'algs' <@ '["RS256", "ES256", "EdDSA"]'
      else false
    end,
    false
  ));

comment on column heddle.agents.identity is
  'How a visitor''s userToken is verified, by exactly one provider: {"provider": "hs256"}, with the agent''s signing
secret, or {"provider": "jwks", "issuer", "jwksUrl", "audience", "algs": ["RS256" | "ES256" | "EdDSA"]}.';
