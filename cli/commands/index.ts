import type { Command } from "../command.ts";
import { agentCreate } from "./agent/create.ts";
import { agentList } from "./agent/list.ts";
import { agentRemove } from "./agent/remove.ts";
import { agentRotateSecret } from "./agent/rotate_secret.ts";
import { agentShow } from "./agent/show.ts";
import { agentUpdate } from "./agent/update.ts";
import { botAdd } from "./bot/add.ts";
import { botList } from "./bot/list.ts";
import { botRemove } from "./bot/remove.ts";
import { botRotate } from "./bot/rotate.ts";
import { botUpdate } from "./bot/update.ts";
import { connectorAdd } from "./connector/add.ts";
import { connectorList } from "./connector/list.ts";
import { connectorRemove } from "./connector/remove.ts";
import { connectorUpdate } from "./connector/update.ts";
import { cost } from "./cost.ts";
import { deploy } from "./deploy.ts";
import { doctor } from "./doctor.ts";
import { eventsLive } from "./events/live.ts";
import { init } from "./init.ts";
import { install } from "./install.ts";
import { issuesList } from "./issues/list.ts";
import { keyCreate } from "./key/create.ts";
import { keyList } from "./key/list.ts";
import { keyRevoke } from "./key/revoke.ts";
import { notifyRules } from "./notify/rules.ts";
import { notifyOff, notifyOn } from "./notify/switch.ts";
import { notifyDismiss, notifyRetry, notifyUndelivered } from "./notify/undelivered.ts";
import { operatorInvite } from "./operator/invite.ts";
import { operatorList } from "./operator/list.ts";
import { operatorRemove } from "./operator/remove.ts";
import { policies } from "./policies.ts";
import { tabAdd } from "./tab/add.ts";
import { tabList } from "./tab/list.ts";
import { tabRemove } from "./tab/remove.ts";
import { tabSetAction } from "./tab/set_action.ts";
import { tabUpdate } from "./tab/update.ts";
import { upgrade } from "./upgrade.ts";
import { webhookAdd } from "./webhook/add.ts";
import { webhookRemove, webhookSwitch, webhookTest } from "./webhook/change.ts";
import { webhookList } from "./webhook/list.ts";
import { webhookLog } from "./webhook/log.ts";
import { webhookReplay } from "./webhook/replay.ts";
import { webhookRotate } from "./webhook/rotate.ts";
import { visitorErase } from "./visitor/erase.ts";
import { visitorExport } from "./visitor/export.ts";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  init,
  upgrade,
  install,
  deploy,
  doctor,
  policies,
  agentCreate,
  agentList,
  agentShow,
  agentUpdate,
  agentRotateSecret,
  agentRemove,
  keyCreate,
  keyList,
  keyRevoke,
  eventsLive,
  webhookAdd,
  webhookList,
  webhookSwitch,
  webhookRotate,
  webhookTest,
  webhookLog,
  webhookReplay,
  webhookRemove,
  tabAdd,
  tabSetAction,
  tabList,
  tabUpdate,
  tabRemove,
  botAdd,
  botList,
  botUpdate,
  botRotate,
  botRemove,
  notifyRules,
  notifyOn,
  notifyOff,
  notifyUndelivered,
  notifyRetry,
  notifyDismiss,
  connectorAdd,
  connectorList,
  connectorUpdate,
  connectorRemove,
  operatorInvite,
  operatorList,
  operatorRemove,
  visitorExport,
  visitorErase,
  issuesList,
  cost,
];
