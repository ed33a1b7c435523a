-- Answers to mails become messages. The edge function has checked that the address is one that Heddle made; here it is
-- decided whether whoever it was made for may still write there, and whether it is they who did.

create table heddle.held_mails (
  id bigint generated always as identity primary key,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  client_id uuid not null,
  audience text not null check (audience in ('visitor', 'team')),
  recipient text not null,
  sender text not null check (length(sender) <= 320),
  subject text not null check (length(subject) <= 200),
  body text not null,
  reason text not null check (length(reason) <= 500),
  received_at timestamptz not null default clock_timestamp(),
  unique (conversation_id, client_id)
);
create index held_mails_agent on heddle.held_mails (agent_id, id desc);
create index held_mails_received_at on heddle.held_mails (received_at);
alter table heddle.held_mails enable row level security;

comment on table heddle.held_mails is
  'Answers by mail that may not be from whom they were asked of: an owner adds them to the conversation, or not. Kept for 30 days.';
comment on column heddle.held_mails.recipient is 'Of the mail that was answered: a visitor''s id here, or the first 16 digits of the SHA-256 of a member''s.';

create function heddle.mail_author(p_conversation heddle.conversations, p_audience text, p_recipient text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if p_audience = 'team' then
    return (
      select jsonb_build_object('id', member.user_id, 'name', member.name, 'email', member.email, 'author', member.user_id)
      from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
      where agent.id = p_conversation.agent_id and heddle.answers(member, agent.id)
        and left(encode(sha256(convert_to(member.user_id::text, 'UTF8')), 'hex'), 16) = p_recipient
    );
  end if;
  return (
    select jsonb_build_object(
      'id', visitor.end_user_id, 'email', visitor.email,
      'author', heddle.author_in(p_conversation, seat, visitor.end_user_id)
    )
    from heddle.visitors visitor join heddle.participants seat on seat.visitor_id = visitor.id
    where visitor.agent_id = p_conversation.agent_id and visitor.id::text = p_recipient
      and seat.conversation_id = p_conversation.id and seat.role = 'visitor'
  );
end $$;

comment on function heddle.mail_author is
  'Who answers a mail, as they are now: { id, name, email, author (of their messages) }. Null for who has left the team or
the conversation.';

create function heddle.post_mail(
  p_conversation heddle.conversations,
  p_audience text,
  p_author jsonb,
  p_client_id uuid,
  p_body text
) returns void
language plpgsql set search_path = '' as $$
declare
  v_seen integer;
begin
  if p_audience = 'team' then
    perform heddle.write_message(
      p_conversation.id, p_client_id, 'operator', p_author ->> 'id', p_author ->> 'name', p_body, null
    );
    return;
  end if;
  -- What the mail had they have read.
  select max(message.seq) into v_seen from heddle.messages message
  where message.conversation_id = p_conversation.id and message.created_at <= (
    select max(delivery.ended_at) from heddle.deliveries delivery
    where delivery.kind = 'email' and delivery.target = p_conversation.id and delivery.status = 'sent'
      and delivery.batch_key = 'visitor ' || (
        select id from heddle.visitors where agent_id = p_conversation.agent_id and end_user_id = p_author ->> 'id'
      )
  );
  if v_seen is not null then
    perform heddle_api.store_read(p_conversation.agent_id, p_author ->> 'id', p_conversation.id, v_seen);
  end if;
  perform heddle_api.store_post(p_conversation.agent_id, p_author ->> 'id', p_conversation.id, p_client_id, p_body);
end $$;

create function heddle_api.receive_mail(
  p_conversation_id uuid,
  p_audience text,
  p_recipient text,
  p_client_id uuid,
  p_mail jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_author jsonb;
  v_sender text := lower(p_mail ->> 'from');
  v_doubt text := p_mail ->> 'doubt';
begin
  perform heddle.demand(p_audience in ('visitor', 'team'), 'It is a visitor''s answer, or one of the team.');
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  v_author := heddle.mail_author(v_conversation, p_audience, p_recipient);
  if v_author is null then
    return jsonb_build_object('outcome', 'refused');
  end if;
  if heddle.is_blank(coalesce(p_mail ->> 'body', '')) then
    return jsonb_build_object('outcome', 'empty', 'agentId', v_conversation.agent_id);
  end if;
  -- Twice is once, whatever became of the first.
  if exists (
    select from heddle.messages
    where conversation_id = v_conversation.id and client_id = p_client_id
      and role = case p_audience when 'team' then 'operator' else 'visitor' end
      and author_id is not distinct from v_author ->> 'author'
    union all
    select from heddle.held_mails where conversation_id = v_conversation.id and client_id = p_client_id
  ) then
    return jsonb_build_object('outcome', 'known', 'agentId', v_conversation.agent_id);
  end if;
  perform heddle.open_inbox(v_conversation.agent_id);
  if v_doubt is null and v_sender is distinct from lower(v_author ->> 'email') then
    v_doubt := 'It came from another address than the mail that it answers went to.';
  end if;
  if v_doubt is null
    and heddle.take_token(v_conversation.agent_id, 'visitor', 'write', 'mail ' || p_recipient) > 0 then
    v_doubt := 'More came at once than anybody writes.';
  end if;
  if v_doubt is not null then
    -- Behind the conversation, as where it is erased.
    perform from heddle.conversations where id = v_conversation.id for key share;
    insert into heddle.held_mails
      (agent_id, conversation_id, client_id, audience, recipient, sender, subject, body, reason)
    select v_conversation.agent_id, id, p_client_id, p_audience, p_recipient, left(coalesce(v_sender, ''), 320),
      left(heddle.one_line(coalesce(p_mail ->> 'subject', '')), 200), p_mail ->> 'body', v_doubt
    from heddle.conversations where id = v_conversation.id
    on conflict do nothing;
    return jsonb_build_object('outcome', 'held', 'agentId', v_conversation.agent_id);
  end if;
  perform heddle.post_mail(v_conversation, p_audience, v_author, p_client_id, p_mail ->> 'body');
  if p_audience = 'visitor' then
    update heddle.visitors set answered_from = heddle.address_hash(v_sender)
    where agent_id = v_conversation.agent_id and end_user_id = v_author ->> 'id';
  end if;
  return jsonb_build_object(
    'outcome', 'posted', 'agentId', v_conversation.agent_id,
    'bot', heddle.bot_to_ask(jsonb_build_object('conversationId', v_conversation.id))
  );
end $$;

comment on function heddle_api.receive_mail is
  'An answer to a mail of this recipient about this conversation: { outcome, agentId, bot }. p_mail: { from, subject, body, doubt }.
posted; held: it may be somebody else''s; known: it was there already; empty; refused: whoever it is has left. PT400.';

create function heddle.forget_held_mails() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.held_mails
  where agent_id = old.agent_id and audience = 'visitor' and recipient = old.id::text;
  return old;
end $$;

comment on function heddle.forget_held_mails is 'Of who is erased no answer is held either, also where the conversation goes on without them.';

create trigger forget_held_mails before delete on heddle.visitors for each row execute function heddle.forget_held_mails();

create function heddle.add_held_mail(p_mail heddle.held_mails) returns boolean
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_author jsonb;
begin
  select * into v_conversation from heddle.conversations where id = p_mail.conversation_id;
  v_author := heddle.mail_author(v_conversation, p_mail.audience, p_mail.recipient);
  if v_author is null then
    return false;
  end if;
  perform heddle.post_mail(v_conversation, p_mail.audience, v_author, p_mail.client_id, p_mail.body);
  delete from heddle.held_mails where id = p_mail.id;
  return true;
end $$;

comment on function heddle.add_held_mail is
  'Adds an answer to its conversation as what it says it is. False if its author has left.';

revoke execute on function
  heddle.mail_author, heddle.post_mail, heddle_api.receive_mail, heddle.add_held_mail, heddle.forget_held_mails
from public;
grant execute on function heddle_api.receive_mail to service_role;
