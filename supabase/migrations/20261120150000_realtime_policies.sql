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

-- The team's channels. One policy for each role: a function that a role may not execute would fail the check of every
-- topic for it. The pattern is anchored behind the uuid, since a visitor's id may hold `-inbox-`.

drop policy if exists "heddle: members hear their inbox" on realtime.messages;
create policy "heddle: members hear their inbox" on realtime.messages
  for select to authenticated
  using (extension = 'broadcast' and (select heddle.may_hear_inbox((select realtime.topic()))));

drop policy if exists "heddle: members hear their events" on realtime.messages;
create policy "heddle: members hear their events" on realtime.messages
  for select to authenticated
  using (extension = 'broadcast' and (select heddle.may_hear_events((select realtime.topic()))));

drop policy if exists "heddle: an inbox is heard by its members only" on realtime.messages;
create policy "heddle: an inbox is heard by its members only" on realtime.messages
  as restrictive for select to authenticated
  using (
    (
      coalesce((select realtime.topic()), '') !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
      and topic !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
    )
    or (
      extension = 'broadcast'
      and topic = (select realtime.topic())
      and (
        (select heddle.may_hear_inbox((select realtime.topic())))
        or (select heddle.may_hear_events((select realtime.topic())))
      )
    )
  );

drop policy if exists "heddle: no inbox for the anonymous" on realtime.messages;
create policy "heddle: no inbox for the anonymous" on realtime.messages
  as restrictive for select to anon
  using (
    coalesce((select realtime.topic()), '') !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
    and topic !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
  );

drop policy if exists "heddle: nobody sends to an inbox" on realtime.messages;
create policy "heddle: nobody sends to an inbox" on realtime.messages
  as restrictive for insert to anon, authenticated
  with check (
    coalesce((select realtime.topic()), '') !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
    and topic !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
  );

drop policy if exists "heddle: nobody changes messages of an inbox" on realtime.messages;
create policy "heddle: nobody changes messages of an inbox" on realtime.messages
  as restrictive for update to anon, authenticated
  using (
    coalesce((select realtime.topic()), '') !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
    and topic !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
  )
  with check (
    coalesce((select realtime.topic()), '') !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
    and topic !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
  );

drop policy if exists "heddle: nobody deletes messages of an inbox" on realtime.messages;
create policy "heddle: nobody deletes messages of an inbox" on realtime.messages
  as restrictive for delete to anon, authenticated
  using (
    coalesce((select realtime.topic()), '') !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
    and topic !~ '^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-'
  );
