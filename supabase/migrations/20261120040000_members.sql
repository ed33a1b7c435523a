-- Names by which a team and its bots are known to visitors: nobody's may read as another's.

create function heddle.name_key(p_name text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  -- Letters that look like one of the Latin ones, those in either case, as UTS 39 has them: of Latin's own, Greek, Cyrillic,
  -- Armenian, Coptic, Lisu and Cherokee. I, l and 1 are one, and O and 0.
  c_shapes constant text :=
        'IiıɩƖǀɪ|1ɭ0ɑᴀʙᴄᴅᴇꜰɢɡʜᴊȷᴋʟᴍɴᴏᴘʀꜱᴛᴜʋᴠᴡʏᴢ'
        'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβγεηικνορστυχω'
        'АВЕЅІЈКМНОРСТУХҮԌԚԜҺӀЬѴавгеѕіјкмнопрстухүԁԍԛԝһӏьѵѡ'
        'ՍՏՕԼահոսրցօռզյ'
        'ⲂⲌⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲟⲣⲥ'
        'ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ'
        'ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᎽᏀᏃᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏳᏴꭰꭱꭲꭵꭹꭺꭻꭼꮃꮇꮋꮍꮐꮓꮟꮢꮤꮥꮩꮪꮮꮯꮲꮶꮷᏻᏼ';
  c_latin constant text :=
        'lllllllllloaabcdefgghjjklmnoprstuvvwyz'
        'abezhlkmnoptyxabyenlkvopotuxw'
        'abesljkmhopctyxygqwhlbvabresljkmhonpctyxydgqwhlbvw'
        'usolwhnungonqj'
        'bzhlkmnopctyxopc'
        'bpddtgkjczfmnlsrvhwxyaelou'
        'drtlyajewmhygzbrwsvslcpkdgbdrtlyajewmhygzbrwsvslcpkdgb';
  c_marks constant text := '[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+';
  v_key text := pg_catalog.regexp_replace(normalize(p_name, nfkd), heddle.hidden_signs(), '', 'g');
begin
  -- Before the case goes: a small nu looks like a v, a large one like an N.
  v_key := lower(translate(v_key, c_shapes, c_latin));
  v_key := pg_catalog.regexp_replace(v_key, '([a-z])' || c_marks, '\1', 'g');
  v_key := pg_catalog.regexp_replace(v_key, '[\u2010-\u2015\u2212]', '-', 'g');
  v_key := pg_catalog.regexp_replace(v_key, '[\u00b4\u02bb-\u02bd\u2018\u2019\u201b]', '''', 'g');
  v_key := replace(replace(v_key, 'rn', 'm'), 'vv', 'w');
  return trim(pg_catalog.regexp_replace(v_key, '[\u0001-\u0020\u007f-\u00a0\u1680\u2028\u2029]+', ' ', 'g'));
end $$;

comment on function heddle.name_key is
  'Equal for names that differ in case, in accents of Latin letters, in signs that do not show, in which blanks, dashes and
apostrophes they have, or in letters that look the same.';

create function heddle.hidden_signs() returns text
language sql immutable set search_path = '' as $$
  -- Default-ignorable code points, those of format, blanks that are letters, and what only some fonts know (UAX 44).
  select '[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f'
    '\u202a-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\U000110bd\U000110cd'
    '\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]+'
$$;

comment on function heddle.hidden_signs is 'A regular expression for signs in which nobody sees anything, or everybody something else.';

create function heddle.is_of_one_script(p_name text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  -- Chinese, Japanese and Korean are in none: people write them beside any.
  c_scripts constant text[] := array[
    '[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1d25\u1d2c-\u1d65\u1d6b-\u1d77\u1d79-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua722-\ua7ff\uab30-\uab64]',
    '[\u0370-\u03ff\u1d26-\u1d2a\u1f00-\u1fff]',
    '[\u0400-\u0482\u048a-\u052f\u1c80-\u1c8f\u1d2b\u1d78\u2de0-\u2dff\ua640-\ua69f]',
    '[\u0530-\u10ff\u1200-\u1aaf\u1b00-\u1c7f\u1c90-\u1cff\u2c00-\u2c5f\u2c80-\u2ddf\ua4d0-\ua63f\ua6a0-\ua6ff\ua800-\ua95f\ua980-\uab2f\uab66-\uabff\U00010000-\U0001bc9f]'
  ];
begin
  return not exists (
    select from pg_catalog.regexp_split_to_table(normalize(p_name, nfkc), '[\s&+/,.()_-]+') as word
    where (select count(*) from unnest(c_scripts) as script where word ~ script) > 1
  );
end $$;

comment on function heddle.is_of_one_script is
  'Whether no word has letters of two scripts: Latin, Greek, Cyrillic, or one of those that are neither these nor East Asian.';

create function heddle.demand_readable(p_name text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  -- Emoji have a sign for their colours, and joiners stand in them, in Persian and in the scripts of India.
  perform heddle.demand(
    pg_catalog.regexp_replace(
      pg_catalog.regexp_replace(p_name, '\ufe0f', '', 'g'),
      '([\u0530-\u10ff\u1200-\u1aaf\u1b00-\u1c7f\u1c90-\u1cff\u2c00-\u2c5f\u2c80-\u2ddf\ua4d0-\ua63f\ua6a0-\ua6ff\ua800-\ua95f\ua980-\uab2f\uab66-\uabff\U00010000-\U0001bc9f\u2600-\u27bf\U0001f000-\U0001faff])[\u200c\u200d]', '\1', 'g'
    ) !~ heddle.hidden_signs(),
    'A name must hold nothing that does not show.'
  );
  perform heddle.demand(heddle.is_of_one_script(p_name), 'The letters of a word in a name must be of one script.');
end $$;

comment on function heddle.demand_readable is 'Raises PT400 unless everybody reads the same in a name.';

revoke execute on function
  heddle.name_key, heddle.hidden_signs, heddle.is_of_one_script, heddle.demand_readable
from public;

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

create function heddle.member_of(p_agent_id uuid, p_user_id uuid default auth.uid()) returns heddle.members
language plpgsql stable set search_path = '' as $$
declare
  v_member heddle.members;
begin
  select member.* into v_member
  from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
  where agent.id = p_agent_id and member.user_id = p_user_id
    and heddle.answers(member, agent.id);
  return v_member;
end $$;

comment on function heddle.member_of is
  'The caller, or whom it names, as a member who answers for this agent; nulls if they are none.';

create function heddle.demand_right(p_member heddle.members, p_right text) returns void
language plpgsql stable set search_path = '' as $$
begin
  if not exists (select from heddle.role_rights where role = p_member.role and "right" = p_right) then
    raise exception 'not_allowed' using errcode = 'PT403', detail = format('The role %s may not do this.', p_member.role);
  end if;
end $$;

create function heddle.require_member(p_agent_id uuid, p_right text default 'answer', p_user_id uuid default auth.uid())
returns heddle.members
language plpgsql stable set search_path = '' as $$
declare
  v_member heddle.members := heddle.member_of(p_agent_id, p_user_id);
begin
  -- To strangers another team's agent does not exist.
  if v_member.user_id is null then
    raise exception 'agent_not_found' using errcode = 'PT404';
  end if;
  perform heddle.demand_right(v_member, p_right);
  return v_member;
end $$;

create function heddle.demand(p_holds boolean, p_sentence text, p_hint text default '') returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_holds is not true then
    raise exception 'invalid_request' using errcode = 'PT400', detail = p_sentence, hint = p_hint;
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
  if (octet_length(p_text) <= 65536 and not heddle.is_blank(p_text)) is not true then
    perform heddle.demand(false, 'A text must hold something to see, and at most 65536 bytes.');
  end if;
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

create function heddle.demand_message(p_client_id uuid, p_body text, p_attachments jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_client_id is null then
    perform heddle.demand(false, 'A message needs its sender''s key.');
  end if;
  if p_attachments is not null then
    perform heddle.demand_files(p_attachments);
  end if;
  perform heddle.demand_text(case when jsonb_array_length(p_attachments) > 0 then p_body || '(files)' else p_body end);
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
  'The caller, or whom it names, as a member with this right for this agent. Raises PT404 for strangers, PT403 without the right.';

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
  heddle.one_line, heddle.are_files, heddle.demand_files, heddle.demand_message, heddle.keep_owner, heddle.may_hear_inbox
from public;
grant execute on function heddle.may_hear_inbox to authenticated;

-- The team: who comes, and how somebody leaves.

create function heddle.demand_member(p_name text, p_email text, p_role text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand_name('A member''s name', p_name, 120);
  perform heddle.demand(length(coalesce(p_email, '')) <= 320, 'An email holds at most 320 characters.');
  perform heddle.demand(p_role in ('owner', 'operator'), 'A role is owner or operator.');
end $$;

create function heddle.demand_own_name(p_org_id uuid, p_id uuid, p_name text, p_agent_id uuid default null) returns void
language plpgsql set search_path = '' as $$
begin
  -- Of two who take a name at once the second sees what the first has done.
  perform pg_advisory_xact_lock(hashtextextended('heddle names ' || p_org_id, 0));
  if exists (
    select from (
      select user_id as id, name from heddle.members where org_id = p_org_id
      union all
      select bot.id, bot.name from heddle.bots bot join heddle.agents agent on agent.id = bot.agent_id
      where agent.org_id = p_org_id and (p_agent_id is null or agent.id = p_agent_id)
    ) taken
    where taken.id is distinct from p_id and (
      heddle.name_key(taken.name) = heddle.name_key(p_name)
      -- In other scripts a large and a small letter may look like two of Latin.
      or lower(normalize(taken.name, nfkc)) = lower(normalize(p_name, nfkc))
    )
  ) then
    raise exception 'conflict' using errcode = 'PT409', column = 'name',
      detail = 'Somebody in the team, or a bot, is called that already.';
  end if;
  perform heddle.demand_readable(p_name);
end $$;

comment on function heddle.demand_own_name is
  'Raises PT409 if another member or bot is called that, or so that it reads the same: who of them it was nobody could tell. PT400 if
not everybody reads the same in it. For a bot, other bots are those of p_agent_id, its agent.';

create function heddle.admit_member(
  p_agent_id uuid,
  p_user_id uuid,
  p_name text,
  p_email text,
  p_role text,
  p_every_agent boolean,
  p_invited_by uuid
) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_org_id uuid;
  v_named text := heddle.one_line(p_name);
  v_name text;
  v_role text;
  v_was heddle.members;
begin
  select org_id into v_org_id from heddle.agents where id = p_agent_id;
  if not found then
    return null;
  end if;
  perform heddle.demand(p_user_id is not null and p_every_agent is not null, 'It needs an account, and for which agents.');
  if p_invited_by is not null then
    -- Whoever is being removed invites nobody any more.
    perform heddle.open_inbox(p_agent_id);
  end if;
  select * into v_was from heddle.members where org_id = v_org_id and user_id = p_user_id for update;
  if p_invited_by is not null and not heddle.may_name(p_agent_id, p_invited_by, v_was, p_every_agent) then
    v_named := null;
  end if;
  v_name := coalesce(v_named, v_was.name);
  v_role := coalesce(p_role, v_was.role, 'operator');
  perform heddle.demand(v_name is not null, 'Who is no member, or is none any more, needs a name.');
  perform heddle.demand_member(v_name, p_email, v_role);
  if not p_every_agent and v_was.role <> v_role and (v_was.every_agent or exists (
    select from heddle.member_agents
    where org_id = v_org_id and user_id = p_user_id and agent_id <> p_agent_id
  )) then
    raise exception 'conflict' using errcode = 'PT409',
      detail = 'A role counts for all agents of a member, and they have another one for others than this.';
  end if;
  perform heddle.demand_own_name(v_org_id, p_user_id, v_name);
  insert into heddle.members as member (org_id, user_id, name, email, role, every_agent)
  values (v_org_id, p_user_id, v_name, p_email, v_role, p_every_agent)
  on conflict (org_id, user_id) do update set
    name = coalesce(v_named, member.name),
    email = coalesce(excluded.email, member.email),
    role = coalesce(p_role, member.role),
    every_agent = excluded.every_agent or member.every_agent;
  if not p_every_agent then
    insert into heddle.member_agents (org_id, user_id, agent_id) values (v_org_id, p_user_id, p_agent_id)
    on conflict do nothing;
  end if;
  if v_was.role = 'owner' and v_role <> 'owner' then
    perform heddle.keep_owner(v_org_id);
  end if;
  return (
    select jsonb_build_object('id', user_id, 'name', name, 'email', email, 'role', role, 'everyAgent', every_agent)
      || jsonb_build_object('was', case when v_was.user_id is not null then
        jsonb_build_object('name', v_was.name, 'role', v_was.role, 'everyAgent', v_was.every_agent)
      end)
    from heddle.members where org_id = v_org_id and user_id = p_user_id
  );
end $$;

comment on function heddle.admit_member is 'invite_member, also before there is an account.';

create function heddle_api.invite_member(
  p_agent_id uuid,
  p_user_id uuid,
  p_name text default null,
  p_email text default null,
  p_role text default null,
  p_every_agent boolean default true,
  p_invited_by uuid default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_member constant jsonb := heddle.admit_member(
    p_agent_id, p_user_id, p_name, p_email, p_role, p_every_agent, p_invited_by
  );
begin
  if p_invited_by is not null and not exists (select from auth.users where id = p_user_id) then
    raise exception 'conflict' using errcode = 'PT409', detail = 'The account was deleted in the meantime; invite again.';
  end if;
  return v_member;
end $$;

comment on function heddle_api.invite_member is
  'Makes an account a member of the agent''s organisation, for all of its agents or for this one besides those it has; an operator,
unless it names a role. Who is one keeps the name and the role that it does not name; was tells what they were, null for a new one. Null
if there is no such agent; PT409 if the name is another member''s or a bot''s, if it would leave the organisation without an owner, or if
one for this agent alone would change the role of somebody who answers for others. p_invited_by: the member who invites, if it is
one; whoever answers for more agents than they do keeps their name. PT403 if they may not, PT404 if they are none, PT409 without an
account.';

create function heddle.find_account(p_email text) returns uuid
language plpgsql stable set search_path = '' as $$
begin
  -- Auth keeps addresses in small letters, and one account with a password or a link for each.
  return (select id from auth.users where email = lower(p_email) and not is_sso_user);
end $$;

create function heddle_api.find_account(p_email text) returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return heddle.find_account(p_email);
end $$;

comment on function heddle_api.find_account is 'The account with this address in Supabase Auth, which can''t be asked for one; null without it.';

create function heddle.is_unconfirmed(p_user_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from auth.users where id = p_user_id and email_confirmed_at is null);
end $$;

comment on function heddle.is_unconfirmed is
  'Whether nobody has confirmed the address of this account: Supabase Auth lets nobody in with it, and it may be anybody''s.';

create function heddle_api.spend_invitation(
  p_agent_id uuid,
  p_invited_by uuid,
  p_email text,
  p_name text default null,
  p_role text default null,
  p_every_agent boolean default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  v_account constant uuid := heddle.find_account(p_email);
  -- A confirmed account gets no mail.
  v_is_mailed constant boolean := not exists (
    select from auth.users where id = v_account and email_confirmed_at is not null
  );
  v_me heddle.members;
  v_every_agent boolean;
  v_column text;
  v_retry_after integer;
begin
  -- Whoever is being removed invites nobody any more.
  perform heddle.open_inbox(p_agent_id);
  v_me := heddle.require_member(p_agent_id, 'members', p_invited_by);
  v_every_agent := coalesce(p_every_agent, v_me.every_agent);
  perform heddle.demand(p_email is not null, 'It needs an address.');
  begin
    perform heddle.admit_member(
      p_agent_id, coalesce(v_account, gen_random_uuid()), p_name, p_email, p_role, v_every_agent, v_me.user_id
    );
    -- It is done once there is an account: so far only whether it will be refused counts, before a mail is sent.
    raise exception 'undone' using errcode = 'HD000';
  exception
    when sqlstate 'HD000' then null;
    when sqlstate 'PT409' then
      get stacked diagnostics v_column = column_name;
      if v_column <> 'name' then
        raise;
      end if;
      return jsonb_build_object('outcome', 'name_taken');
  end;
  v_retry_after := heddle.take_token(c_nobody, 'org', 'invite', v_me.org_id::text);
  if v_retry_after > 0 then
    return jsonb_build_object('outcome', 'rate_limited', 'retryAfter', v_retry_after);
  end if;
  if v_is_mailed then
    v_retry_after := heddle.take_token(c_nobody, 'org', 'mail', encode(heddle.address_hash(p_email), 'hex'));
  end if;
  if v_retry_after > 0 then
    perform heddle.take_token(c_nobody, 'org', 'invite', v_me.org_id::text, -1);
    return jsonb_build_object('outcome', 'address_limited', 'retryAfter', v_retry_after);
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'everyAgent', v_every_agent, 'mails', v_is_mailed, 'isNew', v_account is null
  );
end $$;

comment on function heddle_api.spend_invitation is
  'Charges an invitation of that address by a member, before a mail is sent: { outcome: ok, everyAgent, mails, isNew }; invite_member
makes the member, once Supabase Auth has an account. everyAgent: what p_every_agent names, else whether the member answers for all
agents; mails: whether a mail to the address was charged; isNew: whether there is no account yet. Outcomes besides ok, for which
nothing is charged: name_taken; rate_limited (retryAfter) after twenty invitations of an organisation, one more each three minutes;
address_limited (retryAfter) after three mails to an address, one more each eight hours. What else invite_member would refuse is
refused as there. p_invited_by must be who Supabase Auth says the caller is.';

create function heddle_api.return_invitation(p_agent_id uuid, p_email text, p_with_mail boolean, p_is_new boolean) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c_nobody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  if not (p_is_new and heddle.find_account(p_email) is not null) then
    perform heddle.take_token(c_nobody, 'org', 'invite', org_id::text, -1) from heddle.agents where id = p_agent_id;
  end if;
  if p_with_mail then
    perform heddle.take_token(c_nobody, 'org', 'mail', encode(heddle.address_hash(p_email), 'hex'), -1);
  end if;
end $$;

comment on function heddle_api.return_invitation is
  'Gives back what spend_invitation has charged, where nothing came of it; p_with_mail: the mail to the address, too. An account that was
made on the way stays, and is charged: accounts without end would be made otherwise.';

create function heddle_api.list_members(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when exists (select from heddle.agents where id = p_agent_id) then heddle.members_json(p_agent_id) end;
end $$;

comment on function heddle_api.list_members is 'The team of an agent, oldest first; null if there is no such agent.';

create function heddle.move_inbox(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_from text := heddle.inbox_name(p_agent_id);
  v_epoch integer;
begin
  update heddle.agents set inbox_epoch = inbox_epoch + 1 where id = p_agent_id returning inbox_epoch into v_epoch;
  perform heddle.send(array[v_from], array[heddle.event('inbox:moved', jsonb_build_object('epoch', v_epoch))]);
exception when others then
  -- Whoever is not told asks at the next check; but the name must change.
  update heddle.agents set inbox_epoch = inbox_epoch + 1 where id = p_agent_id;
  perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
end $$;

comment on function heddle.move_inbox is
  'Gives a team''s channel another name and says so on the old one. Realtime asks nobody again who has joined a channel, so
this alone keeps out who may hear it no more.';

create function heddle.hold_inboxes(p_org_id uuid, p_user_id uuid) returns uuid[]
language plpgsql set search_path = '' as $$
declare
  v_agents uuid[] := array(
    select id from heddle.agents where org_id = p_org_id and heddle.answers_for(id, p_user_id) order by id
  );
  v_agent_id uuid;
begin
  foreach v_agent_id in array v_agents loop
    -- Waits for what is on its way under the old name, and keeps the rest until the new one counts.
    perform pg_advisory_xact_lock(hashtextextended('heddle inbox ' || v_agent_id, 0));
  end loop;
  return v_agents;
end $$;

comment on function heddle.hold_inboxes is
  'The agents that a member answers for, once nobody sends to their teams. Before it no row may be locked.';

create function heddle.leave_agents(p_member heddle.members, p_agents uuid[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent_id uuid;
begin
  for v_agent_id in select unnest(p_agents) order by 1 loop
    perform pg_advisory_xact_lock(hashtextextended('heddle inbox ' || v_agent_id, 0));
  end loop;
  delete from heddle.leases where subject = 'operator' and key = p_member.user_id::text and agent_id = any (p_agents);
  -- Not announced one by one: whoever moves to the new name asks what has changed.
  perform set_config('heddle.importing', 'on', true);
  perform from heddle.conversations
  where assignee_id = p_member.user_id and agent_id = any (p_agents) and status <> 'resolved' order by id for no key update;
  with freed as (
    update heddle.conversations set
      assignee_id = null, needs_human = (needs_human or asked_since is not null) and status = 'open', taken_over = false,
      rev = rev + 1, xid = pg_current_xact_id()
    where assignee_id = p_member.user_id and agent_id = any (p_agents) and status <> 'resolved'
    returning *
  )
  insert into heddle.notes (conversation_id, id, rev, after_seq, author_id, author_name, change)
  select freed.id, freed.rev, freed.rev, freed.seq, actor.user_id, actor.name, jsonb_build_object(
    'by', case when actor.user_id is null then 'SYSTEM' else 'AGENT' end,
    'from', jsonb_build_object('id', p_member.user_id, 'name', p_member.name)
  ) || case when freed.needs_human then jsonb '{"needsHuman": true, "again": true}' else '{}' end
  from freed left join heddle.members actor on actor.org_id = p_member.org_id and actor.user_id = auth.uid();
  perform set_config('heddle.importing', 'off', true);
  perform heddle.log_events(heddle.change_events(agent.org_id, conversation, line, heddle.row_json(conversation)))
  from heddle.conversations conversation
  join heddle.agents agent on agent.id = conversation.agent_id and agent.logs_events
  join heddle.notes line on line.conversation_id = conversation.id and line.id = conversation.rev
  where conversation.agent_id = any (p_agents) and conversation.xid = pg_current_xact_id() and conversation.needs_human
    and line.change #>> '{from,id}' = p_member.user_id::text;
  for v_agent_id in select unnest(p_agents) order by 1 loop
    perform heddle.move_inbox(v_agent_id);
  end loop;
end $$;

comment on function heddle.leave_agents is
  'A member answers for these agents no more: what they held is free again, and their open connection hears nothing of it.';

create function heddle.leave_team() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.leave_agents(old, array(
    select id from heddle.agents where org_id = old.org_id and heddle.answers(old, id)
  ));
  return old;
end $$;

create function heddle.narrow_member() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.leave_agents(new, array(
    select id from heddle.agents where org_id = new.org_id and not heddle.answers(new, id)
  ));
  return null;
end $$;

create function heddle.leave_agent() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Not where the member, or the agent, is on its way out itself.
  perform heddle.leave_agents(member, array[old.agent_id])
  from heddle.members member join heddle.agents agent on agent.org_id = member.org_id
  where member.org_id = old.org_id and member.user_id = old.user_id and agent.id = old.agent_id and not member.every_agent;
  return null;
end $$;

create function heddle.leave_teams() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.members where user_id = old.id;
  delete from heddle.notification_preferences where user_id = old.id;
  return null;
end $$;

comment on function heddle.leave_teams is
  'An account that is deleted in Supabase Auth is a member nowhere, though its last access token goes on for up to an hour.';

-- Before it: its agents are known as long as it is there.
create trigger leave_team before delete on heddle.members for each row execute function heddle.leave_team();
create trigger narrow_member after update of every_agent on heddle.members for each row
  when (old.every_agent and not new.every_agent) execute function heddle.narrow_member();
create trigger leave_agent after delete on heddle.member_agents for each row execute function heddle.leave_agent();
create trigger heddle_leave_teams after delete on auth.users for each row execute function heddle.leave_teams();

create function heddle_api.remove_member(p_agent_id uuid, p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_member heddle.members;
begin
  select member.* into v_member
  from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
  where agent.id = p_agent_id and member.user_id = p_user_id;
  if not found then
    return null;
  end if;
  perform heddle.hold_inboxes(v_member.org_id, p_user_id);
  delete from heddle.members where org_id = v_member.org_id and user_id = p_user_id returning * into v_member;
  if not found then
    return null;
  end if;
  if v_member.role = 'owner' then
    perform heddle.keep_owner(v_member.org_id);
  end if;
  return jsonb_build_object('id', p_user_id, 'name', v_member.name, 'email', v_member.email);
end $$;

comment on function heddle_api.remove_member is
  'Removes a member from the organisation: what they held is free again, and their open connection hears nothing any more. The
account stays. Null if they are none; PT409 for the last owner.';

create function heddle.reaches(p_me heddle.members, p_other heddle.members) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return p_me.every_agent or not p_other.every_agent and exists (
    select from heddle.member_agents where org_id = p_other.org_id and user_id = p_other.user_id
  ) and not exists (
    select agent_id from heddle.member_agents where org_id = p_other.org_id and user_id = p_other.user_id
    except
    select agent_id from heddle.member_agents where org_id = p_me.org_id and user_id = p_me.user_id
  );
end $$;

comment on function heddle.reaches is 'Whether one member answers for all agents that another of the organisation answers for.';

create function heddle.shares(p_me heddle.members, p_other heddle.members) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return p_me.every_agent or not p_other.every_agent and exists (
    select from heddle.member_agents mine join heddle.member_agents theirs using (org_id, agent_id)
    where mine.org_id = p_me.org_id and mine.user_id = p_me.user_id and theirs.user_id = p_other.user_id
  );
end $$;

comment on function heddle.shares is
  'Whether one member answers for an agent that another one has listed, or for all: of theirs these can be taken away.';

create function heddle.may_name(p_agent_id uuid, p_invited_by uuid, p_other heddle.members, p_every_agent boolean) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  v_me constant heddle.members := heddle.require_member(p_agent_id, 'members', p_invited_by);
begin
  if p_every_agent and not v_me.every_agent then
    raise exception 'not_allowed' using errcode = 'PT403',
      detail = 'Only who answers for all agents lets somebody answer for all of them.';
  end if;
  return p_other.user_id is null or heddle.reaches(v_me, p_other);
end $$;

comment on function heddle.may_name is
  'Whether a member who invites somebody says what they are called. Raises PT404 for who is no member, PT403 without the right.';

create function heddle.require_reach(p_me heddle.members, p_user_id uuid) returns void
language plpgsql stable set search_path = '' as $$
declare
  v_other heddle.members;
begin
  select * into v_other from heddle.members where org_id = p_me.org_id and user_id = p_user_id;
  perform heddle.demand_item(found);
  if not heddle.reaches(p_me, v_other) then
    raise exception 'not_allowed' using errcode = 'PT403',
      detail = 'This member answers for agents that you do not answer for.';
  end if;
end $$;

comment on function heddle.require_reach is
  'For who changes a member: a right holds for the agents that one answers for, and a member is one for all of theirs. Raises
PT404 for who is no member, PT403 for who reaches further than the caller. It counts from when the member''s row is locked.';

create function heddle.require_shared(p_me heddle.members, p_user_id uuid) returns heddle.members
language plpgsql stable set search_path = '' as $$
declare
  v_other heddle.members;
begin
  select * into v_other from heddle.members where org_id = p_me.org_id and user_id = p_user_id;
  perform heddle.demand_item(found);
  if not heddle.shares(p_me, v_other) then
    raise exception 'not_allowed' using errcode = 'PT403',
      detail = 'This member answers for agents that you do not answer for.';
  end if;
  return v_other;
end $$;

comment on function heddle.require_shared is
  'A member from whom another may take agents away. Raises PT404 for who is no member, PT403 for who answers for all agents, or for
none that the other does. It counts from when the member''s row is locked.';

create function heddle.inbox_remove_member(p_agent_id uuid, p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  -- Everybody may leave, also a team that somebody else has put them into.
  v_right constant text := case when p_user_id = auth.uid() then 'answer' else 'members' end;
  v_me heddle.members := heddle.require_member(p_agent_id, v_right);
  v_other heddle.members;
  v_removed jsonb;
begin
  -- First so that nobody's inbox is held for a call that is refused; again once neither team nor member changes any more.
  perform heddle.require_shared(v_me, p_user_id);
  perform heddle.hold_inboxes(v_me.org_id, p_user_id);
  v_me := heddle.require_member(p_agent_id, v_right);
  perform from heddle.members where org_id = v_me.org_id and user_id = p_user_id for update;
  v_other := heddle.require_shared(v_me, p_user_id);
  if heddle.reaches(v_me, v_other) then
    v_removed := heddle_api.remove_member(p_agent_id, p_user_id);
  else
    delete from heddle.member_agents
    where org_id = v_me.org_id and user_id = p_user_id and agent_id in (
      select agent_id from heddle.member_agents where org_id = v_me.org_id and user_id = v_me.user_id
    );
    v_removed := jsonb_build_object('id', p_user_id, 'name', v_other.name, 'email', v_other.email);
  end if;
  -- Of two who remove each other at once the second is no member any more.
  if p_user_id <> v_me.user_id then
    perform heddle.require_member(p_agent_id, 'members');
  end if;
  return v_removed;
end $$;

create function heddle.inbox_members(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
begin
  return jsonb_build_object('members', heddle.members_json(p_agent_id, v_me));
end $$;

create function heddle.inbox_update_member(p_agent_id uuid, p_user_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id);
  v_name text := heddle.one_line(p_changes ->> 'name');
  v_member heddle.members;
  v_was_owner boolean;
begin
  perform heddle.demand(p_changes is not null, 'Changes are an object.');
  perform heddle.demand_texts(p_changes, array['name', 'role']);
  -- Everybody may say what they are called.
  if p_user_id <> v_me.user_id or p_changes ? 'role' then
    perform heddle.require_member(p_agent_id, 'members');
  end if;
  perform heddle.demand_member(coalesce(v_name, 'unchanged'), null, coalesce(p_changes ->> 'role', 'operator'));
  select * into v_member from heddle.members where org_id = v_me.org_id and user_id = p_user_id for update;
  v_was_owner := v_member.role = 'owner';
  perform heddle.require_reach(v_me, p_user_id);
  if v_name is not null then
    perform heddle.demand_own_name(v_me.org_id, p_user_id, v_name);
  end if;
  update heddle.members set
    name = coalesce(v_name, name),
    role = coalesce(p_changes ->> 'role', role)
  where org_id = v_me.org_id and user_id = p_user_id
  returning * into v_member;
  if v_was_owner and v_member.role <> 'owner' then
    perform heddle.keep_owner(v_me.org_id);
  end if;
  return jsonb_build_object('id', v_member.user_id, 'name', v_member.name, 'email', v_member.email, 'role', v_member.role);
end $$;

create function heddle_api.inbox_members(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_members(p_agent_id);
end $$;

comment on function heddle_api.inbox_members is
  'The team of an agent: { members }. PT404.';

create function heddle_api.inbox_update_member(p_agent_id uuid, p_user_id uuid, p_changes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_update_member(p_agent_id, p_user_id, p_changes);
end $$;

comment on function heddle_api.inbox_update_member is
  'Changes a member''s name (everybody their own) or role: { id, name, email, role }. PT404; PT403 without the right
and for who answers for more agents than the caller; PT409 for the last owner and for a name that is taken.';

create function heddle_api.inbox_remove_member(p_agent_id uuid, p_user_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_member(p_agent_id, p_user_id);
end $$;

comment on function heddle_api.inbox_remove_member is
  'Removes a member, as remove_member does: { id, name, email }; everybody may remove themselves. Who answers for listed agents besides
those of the caller loses only what both have. PT404; PT403 without the right, and for who answers for all agents where the caller
does not, or for none of the caller''s; PT409 for the last owner.';

revoke execute on function
  heddle.demand_member, heddle.demand_own_name, heddle.admit_member, heddle_api.invite_member, heddle.may_name, heddle.find_account, heddle.is_unconfirmed,
  heddle_api.find_account, heddle_api.spend_invitation, heddle_api.return_invitation,
  heddle_api.list_members, heddle.move_inbox, heddle.hold_inboxes,
  heddle.leave_agents, heddle.leave_team, heddle.narrow_member, heddle.leave_agent, heddle.leave_teams,
  heddle_api.remove_member, heddle.reaches, heddle.shares, heddle.require_reach, heddle.require_shared, heddle.inbox_members, heddle_api.inbox_members,
  heddle.inbox_update_member, heddle_api.inbox_update_member, heddle.inbox_remove_member,
  heddle_api.inbox_remove_member
from public;
grant execute on function
  heddle.inbox_members, heddle_api.inbox_members, heddle.inbox_update_member, heddle_api.inbox_update_member,
  heddle.inbox_remove_member, heddle_api.inbox_remove_member
to authenticated;
grant execute on function
  heddle_api.invite_member, heddle_api.find_account, heddle_api.spend_invitation, heddle_api.return_invitation,
  heddle_api.list_members, heddle_api.remove_member
to service_role;
