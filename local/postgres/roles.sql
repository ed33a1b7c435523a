-- The roles of a hosted project that Heddle and its migrations can see. They belong to the whole cluster: run by the superuser in
-- the database `postgres`, so that one lock keeps two provisionings apart; running it again changes nothing.
do $$
declare
  wanted record;
begin
  perform pg_advisory_xact_lock(hashtext('heddle roles'));
  for wanted in
    select * from (values
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls'),
      ('authenticator', 'login noinherit password ''postgres'''),
      -- Auth logs in as it; owns schema auth.
      ('supabase_auth_admin', 'login noinherit password ''postgres'''),
      ('postgres', 'login createdb createrole replication bypassrls password ''postgres'''),
      -- Realtime logs in as it; its password follows.
      ('supabase_realtime_admin', 'login noinherit'),
      -- Owns Vault's definer functions and what they use: a superuser's would run with its rights.
      ('heddle_vault', 'nologin noinherit'),
      -- Makes `postgres` a member of Realtime's role while that manages policies.
      ('heddle_policies', 'nologin noinherit')
    ) as roles (name, attributes)
  loop
    if not exists (select from pg_roles where rolname = wanted.name) then
      execute format('create role %I %s', wanted.name, wanted.attributes);
    end if;
  end loop;

  if not pg_has_role('authenticator', 'anon', 'set') then
    grant anon, authenticated, service_role to authenticator;
    grant anon, authenticated, service_role to postgres with admin option;
    grant authenticator to postgres;
    -- Realtime checks policies by becoming the role of the visitor's token.
    grant anon, authenticated, service_role to supabase_realtime_admin;
    alter role postgres set search_path = "$user", public, extensions;
    alter role authenticator set statement_timeout = '8s';
    alter role authenticator set lock_timeout = '8s';
  end if;
  grant supabase_realtime_admin to heddle_policies with admin true, inherit false, set false;
  -- The text of an RPC holds the caller's key and arguments, which PostgREST would send apart from it as parameters.
  alter role authenticator set log_min_error_statement = 'panic';
  alter role authenticator set log_error_verbosity = 'terse'; -- a deadlock's details quote both statements
  alter role supabase_auth_admin set search_path = auth;
  alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
  alter role supabase_auth_admin set log_min_error_statement = 'panic';
  alter role supabase_auth_admin set log_error_verbosity = 'terse'; -- a row that a constraint refuses holds addresses
end $$;
