-- Failures of owners' webhooks.

create function heddle_api.record_issue(
  p_agent_id uuid,
  p_tab_id uuid,
  p_action text,
  p_kind text,
  p_host text,
  p_detail text
) returns void
language sql security definer set search_path = '' as $$
  delete from heddle.widget_issues where hour < now() - interval '30 days';

  -- A tab that was deleted meanwhile has nothing to report.
  insert into heddle.widget_issues as issue (agent_id, tab_id, action, kind, hour, host, detail)
  select agent_id, id, p_action, p_kind, date_trunc('hour', now(), 'UTC'), left(p_host, 255), left(p_detail, 500)
  from heddle.tabs
  where id = p_tab_id and agent_id = p_agent_id
  on conflict (agent_id, tab_id, action, kind, hour) do update set
    count = issue.count + 1,
    host = excluded.host,
    detail = excluded.detail,
    last_at = now();
$$;

comment on function heddle_api.record_issue is
  'Counts a failure in the row of its hour, and deletes rows older than 30 days.';

revoke execute on function heddle_api.record_issue from public;
grant execute on function heddle_api.record_issue to service_role;
