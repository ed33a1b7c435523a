-- Tables live in `heddle`, which nobody may look into. What the edge functions call lives in `heddle_api`: the one
-- schema to add to the project's Data API.
create schema heddle;
create schema heddle_api;

comment on schema heddle is 'Tables of Heddle. Exposed to nobody.';
comment on schema heddle_api is 'Functions that Heddle''s edge functions call. Expose this schema in the Data API.';

grant usage on schema heddle_api to service_role;

create extension if not exists pgcrypto with schema extensions;

-- Vault is there in every project of today; older ones have it switched off.
do $$
begin
  if to_regclass('vault.decrypted_secrets') is null then
    create extension supabase_vault cascade;
  end if;
end $$;
