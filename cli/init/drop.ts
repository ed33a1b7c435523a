/** Drops what Heddle's migrations made, with everything in it, whoever has applied them. Nothing of the owner's depends on it. */
export const DROP_SQL = `do $$
declare
  v_name text;
begin
  for v_name in select policyname from pg_policies
    where schemaname = 'realtime' and tablename = 'messages' and policyname like 'heddle: %'
  loop
    execute format('drop policy %I on realtime.messages', v_name);
  end loop;
  if to_regclass('cron.job') is not null then
    perform cron.unschedule(jobname) from cron.job where jobname like 'heddle: %';
  end if;
  delete from vault.secrets where name like 'heddle %';
end $$;
drop schema heddle_api cascade;
drop schema heddle cascade;`;
