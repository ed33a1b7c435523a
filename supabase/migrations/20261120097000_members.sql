-- Who answers visitors. Accounts are Supabase Auth's; here stands which of them belong to an organisation, and what they
-- may do there.

create table heddle.role_rights (
  role text not null check (role in ('owner', 'operator')),
  "right" text not null check ("right" in ('answer', 'replies', 'labels', 'members', 'settings', 'erase')),
  primary key (role, "right")
);
alter table heddle.role_rights enable row level security;

comment on table heddle.role_rights is 'What each role may do. What is not listed it may not.';
comment on column heddle.role_rights."right" is
  'answer: read and write conversations. replies, labels: keep saved replies and labels. members: invite and remove.
settings: the agent''s own. erase: export and erase a visitor.';

insert into heddle.role_rights (role, "right")
select 'owner', unnest(array['answer', 'replies', 'labels', 'members', 'settings', 'erase'])
union all
select 'operator', unnest(array['answer', 'replies', 'labels']);

create table heddle.members (
  org_id uuid not null,
  user_id uuid not null,
  role text not null default 'operator' check (role in ('owner', 'operator')),
  every_agent boolean not null default true,
  name text not null check (length(name) between 1 and 120),
  email text check (length(email) <= 320),
  created_at timestamptz not null default now(),
  primary key (org_id, user_id)
);
create index members_user_id on heddle.members (user_id);
alter table heddle.members enable row level security;

comment on table heddle.members is 'The team of an organisation.';
comment on column heddle.members.user_id is 'The account in Supabase Auth, with which the member goes.';
comment on column heddle.members.every_agent is 'False: only those in member_agents.';
comment on column heddle.members.name is 'Visitors see it beside what this member writes.';

create table heddle.member_agents (
  org_id uuid not null,
  user_id uuid not null,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  primary key (org_id, user_id, agent_id),
  foreign key (org_id, user_id) references heddle.members (org_id, user_id) on delete cascade
);
create index member_agents_agent_id on heddle.member_agents (agent_id);
alter table heddle.member_agents enable row level security;

comment on table heddle.member_agents is 'The agents of members who do not answer for all of them.';

create function heddle.answers(p_member heddle.members, p_agent_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  if p_member.every_agent then
    return true;
  end if;
  return exists (
    select from heddle.member_agents
    where org_id = p_member.org_id and user_id = p_member.user_id and agent_id = p_agent_id
  );
end $$;

comment on function heddle.answers is 'Whether a member answers for this agent of their organisation.';

create function heddle.member_of(p_agent_id uuid) returns heddle.members
language plpgsql stable set search_path = '' as $$
declare
  v_member heddle.members;
begin
  select member.* into v_member
  from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
  where agent.id = p_agent_id and member.user_id = auth.uid()
    and heddle.answers(member, agent.id);
  return v_member;
end $$;

comment on function heddle.member_of is 'The caller as a member who answers for this agent; nulls if they are none.';

create function heddle.demand_right(p_member heddle.members, p_right text) returns void
language plpgsql stable set search_path = '' as $$
begin
  if not exists (select from heddle.role_rights where role = p_member.role and "right" = p_right) then
    raise exception 'not_allowed' using errcode = 'PT403', detail = format('The role %s may not do this.', p_member.role);
  end if;
end $$;

create function heddle.require_member(p_agent_id uuid, p_right text default 'answer') returns heddle.members
language plpgsql stable set search_path = '' as $$
declare
  v_member heddle.members := heddle.member_of(p_agent_id);
begin
  -- To strangers another team's agent does not exist.
  if v_member.user_id is null then
    raise exception 'agent_not_found' using errcode = 'PT404';
  end if;
  perform heddle.demand_right(v_member, p_right);
  return v_member;
end $$;

create function heddle.demand(p_holds boolean, p_sentence text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_holds is not true then
    raise exception 'invalid_request' using errcode = 'PT400', detail = p_sentence;
  end if;
end $$;

create function heddle.demand_item(p_found boolean) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_found is not true then
    raise exception 'item_not_found' using errcode = 'PT404';
  end if;
end $$;

create function heddle.demand_version(p_is_so boolean) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_is_so is not true then
    raise exception 'conflict' using errcode = 'PT409', detail = 'It was changed in the meantime.';
  end if;
end $$;

comment on function heddle.demand is
  'Raises PT400 with this sentence unless it holds. What a constraint says instead shows the row that it refused.';

-- A sign that shows, as shared/text.ts has it: no space, control or default-ignorable code point (UAX 44).
create function heddle.is_blank(p_text text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return p_text !~ (
    '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
    '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb'
    '\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]'
  );
end $$;

comment on function heddle.is_blank is 'True for a text in which nothing can be seen.';

create function heddle.demand_text(p_text text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand(
    octet_length(p_text) <= 65536 and not heddle.is_blank(p_text),
    'A text must hold something to see, and at most 65536 bytes.'
  );
end $$;

create function heddle.demand_name(p_what text, p_name text, p_most integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand(
    length(p_name) <= p_most and not heddle.is_blank(p_name),
    format('%s must hold something to see, and at most %s characters.', p_what, p_most)
  );
end $$;

-- A name as it shows: no line breaks and controls, and none of the signs by which it would read as another one, as
-- kit/text/rich_text.tsx leaves them out.
create function heddle.one_line(p_text text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return trim(pg_catalog.regexp_replace(
    pg_catalog.regexp_replace(p_text, '[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]+', '', 'g'),
    '[\u0001-\u0020\u007f-\u00a0\u2028\u2029]+', ' ', 'g'
  ));
end $$;

comment on function heddle.one_line is 'A name without what would make it several lines, or read as another.';

create unique index members_name on heddle.members (org_id, heddle.name_key(name));

create function heddle.demand_texts(p_object jsonb, p_keys text[]) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand(
    p_object is null or jsonb_typeof(p_object) = 'object' and not exists (
      select from unnest(p_keys) as key where jsonb_typeof(p_object -> key) not in ('string', 'null')
    ),
    format('It must be an object in which these are strings: %s.', array_to_string(p_keys, ', '))
  );
end $$;

comment on function heddle.demand_texts is
  'Raises PT400 unless what an object holds of these keys are strings or null: ->> makes a text of anything.';

create function heddle.are_files(p_attachments jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_attachments) = 'array' and not exists (
    select from jsonb_array_elements(case jsonb_typeof(p_attachments) when 'array' then p_attachments else '[]' end) file
    where (
      jsonb_typeof(file) = 'object' and jsonb_typeof(file -> 'url') = 'string'
      and coalesce(jsonb_typeof(file -> 'id'), 'string') = 'string'
      and coalesce(jsonb_typeof(file -> 'name'), 'string') = 'string'
      and coalesce(jsonb_typeof(file -> 'mime'), 'string') = 'string'
      and coalesce(jsonb_typeof(file -> 'size'), 'number') = 'number'
      and coalesce(jsonb_typeof(file -> 'width'), 'number') = 'number'
      and coalesce(jsonb_typeof(file -> 'height'), 'number') = 'number'
    ) is not true
  )
$$;

comment on function heddle.are_files is
  'Whether these are attachments as attachmentSchema of shared/items.ts has them: what else a message held, no thread could show.';

create function heddle.demand_files(p_attachments jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_attachments is null then
    return;
  end if;
  perform heddle.demand(
    heddle.are_files(p_attachments),
    'Attachments must be a list of { url, id?, name?, mime?, size?, width?, height? }, the last three numbers.'
  );
  perform heddle.demand(
    jsonb_array_length(p_attachments) <= 20 and octet_length(p_attachments::text) <= 65536,
    'A message has at most 20 attachments, of 65536 bytes in all.'
  );
  perform heddle.demand(
    not exists (
      select from jsonb_array_elements(p_attachments) file
      where not (
        file ->> 'url' ~* '^https?://([^][\s\u0001-\u0020\u007f"#%/:<>?@\\^`{|}]+|\[[0-9a-f:.]+\])(:\d{1,5})?([/?#]|$)'
        and length(file ->> 'url') <= 2048 and length(coalesce(file ->> 'id', '')) <= 200
        and length(coalesce(file ->> 'name', '')) <= 255 and length(coalesce(file ->> 'mime', '')) <= 255
        and least((file -> 'size')::numeric, (file -> 'width')::numeric, (file -> 'height')::numeric, 0) = 0
      )
    ),
    'An attachment needs a web address of at most 2048 characters; a name or type holds 255, an id 200, a number is not below 0.'
  );
end $$;

create function heddle.keep_owner(p_org_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  -- Of two who take each other's ownership at once the second sees what the first has done.
  perform pg_advisory_xact_lock(hashtextextended('heddle owners ' || p_org_id, 0));
  if not exists (select from heddle.members where org_id = p_org_id and role = 'owner' and every_agent) then
    raise exception 'conflict' using errcode = 'PT409', detail = 'An organisation keeps at least one owner of all its agents.';
  end if;
end $$;

comment on function heddle.keep_owner is
  'For whoever has just taken an owner away: raises PT409 if that was the last one.';

comment on function heddle.require_member is
  'The caller as a member with this right for this agent. Raises PT404 for strangers, PT403 without the right.';

create function heddle.may_hear_inbox(p_topic text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_agent_id text := substring(p_topic from
    '^agent-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-inbox-[1-9][0-9]{0,8}$');
begin
  if v_agent_id is null then
    return false;
  end if;
  -- An earlier name is silent, and whoever joins it learns the new one from the next fetch; a refused join would stall
  -- everything else on the same socket for seconds. Names to come are nobody's.
  return (heddle.member_of(v_agent_id::uuid)).user_id is not null and exists (
    select from heddle.agents
    where id = v_agent_id::uuid and inbox_epoch >= substring(p_topic from '[0-9]+$')::integer
  );
end $$;

comment on function heddle.may_hear_inbox is 'Whether the caller may join this channel of a team. For the policies.';

grant usage on schema heddle, heddle_api to authenticated;

revoke execute on function
  heddle.answers, heddle.member_of, heddle.demand_right, heddle.require_member, heddle.demand, heddle.demand_item, heddle.is_blank,
  heddle.demand_version, heddle.demand_text, heddle.demand_name, heddle.demand_texts,
  heddle.one_line, heddle.are_files, heddle.demand_files, heddle.keep_owner, heddle.may_hear_inbox
from public;
grant execute on function heddle.may_hear_inbox to authenticated;
