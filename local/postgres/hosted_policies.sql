-- What `postgres` may do with Realtime's table on hosted Supabase: manage policies, and nothing else (supautils.policy_grants).
-- Plain Postgres lets only an owner manage policies, so it becomes the owner, and every other change is refused. For
-- databases that are not Realtime's own: it could not make partitions there.
alter table realtime.messages owner to postgres;

create or replace function realtime.refuse_all_but_policies() returns event_trigger
language plpgsql set search_path = '' as $$
declare
  command record;
begin
  if current_user <> 'postgres' then
    return;
  end if;
  for command in select * from pg_event_trigger_ddl_commands() loop
    if command.object_identity ~ '(^| on )realtime\.' and command.command_tag not in ('CREATE POLICY', 'ALTER POLICY') then
      raise exception 'must be owner of table messages'
        using errcode = 'insufficient_privilege',
          hint = 'Hosted Supabase lets postgres manage policies on realtime.messages, and nothing else.';
    end if;
  end loop;
end $$;

drop event trigger if exists refuse_all_but_policies;
create event trigger refuse_all_but_policies on ddl_command_end execute function realtime.refuse_all_but_policies();
