-- Connectors beside bearer tokens: basic credentials, and a header of the owner's own.

create function heddle.may_hold_credential(p_header text) returns boolean
language sql immutable set search_path = '' as $$
  -- Some servers read `_` in a header's name as `-`.
  select p_header ~ '^[a-z0-9][a-z0-9_-]{0,63}$' and replace(p_header, '_', '-') !~ (
    '^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|max-forwards|via|date|range|if-.*'
    || '|http2-settings|early-data|origin|referer|user-agent|cookie2?|set-cookie2?|x-request-id|x-(http-)?method.*'
    || '|(accept|access-control|content|proxy|sec|webhook|x-heddle)(-.*)?'
    -- What proxies tell the server behind them: where a request comes from, and what it asked for.
    || '|forwarded|x-forwarded(-.*)?|cdn-loop|front-end-https|x-(host|port|proto|protocol|scheme|url-scheme|uri|url|path)'
    || '|x-(original|originating|rewrite|override|envoy|appengine|azure|amzn?)(-.*)?|cloudfront-.*|(x-)?remote-.*'
    || '|cf-(connecting|ip|pseudo|ray|region|visitor|worker).*|x-vercel-(forwarded|id|ip|proxied).*|(x-)?ssl-client.*'
    || '|(.*-)?(ip|ipv[46]|clientip|addr|address|forwarded-(for|host|proto)))$'
  )
$$;

comment on function heddle.may_hold_credential is
  'Whether a header (lowercase) may be a connector''s: not one that says how a request is carried, where it comes from,
or one that Heddle itself signs or sets.';

alter table heddle.connectors
  drop constraint connectors_kind_check,
  add column header text,
  add constraint connectors_kind check (kind in ('bearer', 'basic', 'header')),
  add constraint connectors_header check (
    case kind when 'header' then coalesce(heddle.may_hold_credential(header), false) else header is null end
  );

comment on column heddle.connectors.kind is
  'bearer: a token. basic: user:password. header: the value of the header that `header` names.';

drop function heddle_api.create_connector(uuid, text, text, text);

create function heddle_api.create_connector(
  p_agent_id uuid,
  p_name text,
  p_host text,
  p_value text,
  p_kind text default 'bearer',
  p_header text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  -- A bearer token and a header's value go over the wire as they are; basic credentials go as base64 of UTF-8.
  if not coalesce(p_value ~ case p_kind
    when 'basic' then '^[^:\u0001-\u001f\u007f]+:[^\u0001-\u001f\u007f]*$'
    when 'header' then '^[!-~]([ -~]*[!-~])?$'
    else '^[!-~]+$'
  end, false) then
    raise exception 'the value of this connector must be %', case p_kind
      when 'basic' then 'user:password without control characters'
      when 'header' then 'printable ASCII characters, with no space at either end'
      else 'visible ASCII characters'
    end using errcode = '22023';
  end if;
  insert into heddle.connectors (id, agent_id, name, kind, host, header, vault_secret_id)
  values (
    v_id, p_agent_id, p_name, p_kind, lower(p_host), lower(p_header),
    vault.create_secret(p_value, 'heddle connector ' || v_id)
  );
  return jsonb_build_object('id', v_id);
end $$;

comment on function heddle_api.create_connector is
  'Stores a credential for the webhooks of one host (host or host:port). p_value: a bearer token, user:password, or the
value of the header p_header.';

create or replace function heddle.connector_of(p_action heddle.tab_actions) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_connector heddle.connectors;
begin
  if p_action.connector_id is null then
    return null;
  end if;
  select * into strict v_connector from heddle.connectors where id = p_action.connector_id;
  return jsonb_build_object(
    'kind', v_connector.kind,
    'host', v_connector.host,
    'header', v_connector.header,
    'value', (select decrypted_secret from vault.decrypted_secrets where id = v_connector.vault_secret_id)
  );
end $$;

revoke execute on function heddle.may_hold_credential from public;
revoke execute on function heddle_api.create_connector from public;
grant execute on function heddle_api.create_connector to service_role;
