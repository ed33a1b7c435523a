-- What an owner sees of a site in the inbox, beside its team. Everything else about it is the command line's.

create function heddle.inbox_site(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c_issues constant integer := 20;
  v_me heddle.members := heddle.require_member(p_agent_id, 'settings');
begin
  return (
    select jsonb_build_object(
      'origins', allowed_origins, 'accent', display ->> 'accent', 'anonymousAllowed', anonymous_allowed
    )
    from heddle.agents where id = p_agent_id
  ) || jsonb_build_object(
    'tabs', heddle_api.list_tabs(p_agent_id),
    'keys', heddle_api.list_api_keys(p_agent_id),
    'connectors', heddle_api.list_connectors(p_agent_id),
    'bots', heddle_api.list_bots(p_agent_id),
    'issues', heddle_api.list_issues(p_agent_id, c_issues)
  );
end $$;

create function heddle.inbox_create_tab(p_agent_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_name text := heddle.one_line(p_name);
begin
  perform heddle.demand_name('A tab''s name', v_name, 60);
  return heddle_api.create_tab(p_agent_id, v_name, 'messaging', null, null, 'store');
end $$;

create function heddle.inbox_rename_tab(p_agent_id uuid, p_tab_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_name text := heddle.one_line(p_name);
begin
  perform heddle.demand_name('A tab''s name', v_name, 60);
  update heddle.tabs set name = v_name where id = p_tab_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  return jsonb_build_object('id', p_tab_id);
end $$;

create function heddle.inbox_remove_tab(p_agent_id uuid, p_tab_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  delete from heddle.tabs where id = p_tab_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  return '{}';
end $$;

create function heddle_api.inbox_site(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_site(p_agent_id);
end $$;

comment on function heddle_api.inbox_site is
  'Of an agent, for who may change its settings: { origins, accent | null, anonymousAllowed, tabs, keys,
connectors, bots, issues }, the last ones as list_tabs, list_api_keys, list_connectors, list_bots and list_issues answer them. PT404, PT403.';

create function heddle_api.inbox_create_tab(p_agent_id uuid, p_name text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_create_tab(p_agent_id, p_name);
end $$;

comment on function heddle_api.inbox_create_tab is
  'A messaging tab whose conversations the store keeps, behind the tabs that there are: { id }. PT404, PT403, PT400.';

create function heddle_api.inbox_rename_tab(p_agent_id uuid, p_tab_id uuid, p_name text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_rename_tab(p_agent_id, p_tab_id, p_name);
end $$;

comment on function heddle_api.inbox_rename_tab is 'Gives a tab another name, of at most 60 characters: { id }. PT404, PT403, PT400.';

create function heddle_api.inbox_remove_tab(p_agent_id uuid, p_tab_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_tab(p_agent_id, p_tab_id);
end $$;

comment on function heddle_api.inbox_remove_tab is
  'Removes a tab with its actions and its issues; conversations that the store keeps are the agent''s and stay: {}. PT404, PT403.';

revoke execute on function
  heddle.inbox_site, heddle_api.inbox_site, heddle.inbox_create_tab, heddle_api.inbox_create_tab,
  heddle.inbox_rename_tab, heddle_api.inbox_rename_tab, heddle.inbox_remove_tab, heddle_api.inbox_remove_tab
from public;
grant execute on function
  heddle.inbox_site, heddle_api.inbox_site, heddle.inbox_create_tab, heddle_api.inbox_create_tab,
  heddle.inbox_rename_tab, heddle_api.inbox_rename_tab, heddle.inbox_remove_tab, heddle_api.inbox_remove_tab
to authenticated;
