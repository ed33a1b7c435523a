-- A channel's name is a capability to listen, and to listen only. Nothing but policies in this file: on hosted projects
-- `postgres` may manage the policies of realtime.messages and may do nothing else in that schema; and a policy
-- statement locks the platform's tables until its transaction ends.
--
-- The restrictive policies hold whatever permissive ones the project has beside these, and leave topics of other
-- shapes alone. They look at the topic that Realtime asks for and at the row's own: where schema realtime is exposed, or a
-- function of the project's reads the table, nobody says for which topic.

drop policy if exists "heddle: receive on visitor channels" on realtime.messages;
create policy "heddle: receive on visitor channels" on realtime.messages
  for select to anon, authenticated
  using (
    extension = 'broadcast'
    and (select realtime.topic()) ~
      '^(agent-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-user-.+|conv-.+)-[0-9a-f]{64}$'
  );

drop policy if exists "heddle: nobody sends on visitor channels" on realtime.messages;
create policy "heddle: nobody sends on visitor channels" on realtime.messages
  as restrictive for insert to anon, authenticated
  with check (
    coalesce((select realtime.topic()), '') !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
    and topic !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
  );

drop policy if exists "heddle: visitor channels carry broadcasts only" on realtime.messages;
create policy "heddle: visitor channels carry broadcasts only" on realtime.messages
  as restrictive for select to anon, authenticated
  using (
    (
      coalesce((select realtime.topic()), '') !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
      and topic !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
    )
    or (
      extension = 'broadcast'
      and topic = (select realtime.topic())
      and (select realtime.topic()) ~
        '^(agent-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-user-.+|conv-.+)-[0-9a-f]{64}$'
    )
  );

drop policy if exists "heddle: nobody changes messages of visitor channels" on realtime.messages;
create policy "heddle: nobody changes messages of visitor channels" on realtime.messages
  as restrictive for update to anon, authenticated
  using (
    coalesce((select realtime.topic()), '') !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
    and topic !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
  )
  with check (
    coalesce((select realtime.topic()), '') !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
    and topic !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
  );

drop policy if exists "heddle: nobody deletes messages of visitor channels" on realtime.messages;
create policy "heddle: nobody deletes messages of visitor channels" on realtime.messages
  as restrictive for delete to anon, authenticated
  using (
    coalesce((select realtime.topic()), '') !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
    and topic !~ '^(agent|conv)-.*-[0-9a-f]{64}$'
  );
