-- Connectors: values go into Vault and leave it only through tab_context.

create function heddle_api.create_connector(p_agent_id uuid, p_name text, p_host text, p_value text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  -- It goes into a header as it is.
  if p_value is null or p_value !~ '^[!-~]+$' then
    raise exception 'the value of a connector must be visible ASCII characters' using errcode = '22023';
  end if;
  insert into heddle.connectors (id, agent_id, name, kind, host, vault_secret_id)
  values (
    v_id, p_agent_id, p_name, 'bearer', lower(p_host),
    vault.create_secret(p_value, 'heddle connector ' || v_id)
  );
  return jsonb_build_object('id', v_id);
end $$;

comment on function heddle_api.create_connector is
  'Stores a bearer token for the webhooks of one host (host or host:port).';

create function heddle.forget_connector_value() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from vault.secrets where id = old.vault_secret_id;
  return null;
end $$;

create trigger forget_connector_value after delete on heddle.connectors
  for each row execute function heddle.forget_connector_value();

revoke execute on function heddle_api.create_connector from public;
revoke execute on function heddle.forget_connector_value from public;
grant execute on function heddle_api.create_connector to service_role;
