import type { Command } from "./command.ts";
import { agentCreate } from "./commands/agent_create.ts";
import { agentList } from "./commands/agent_list.ts";
import { agentRemove } from "./commands/agent_remove.ts";
import { agentRotateSecret } from "./commands/agent_rotate_secret.ts";
import { agentShow } from "./commands/agent_show.ts";
import { agentUpdate } from "./commands/agent_update.ts";
import { connectorAdd } from "./commands/connector_add.ts";
import { connectorList } from "./commands/connector_list.ts";
import { connectorRemove } from "./commands/connector_remove.ts";
import { connectorUpdate } from "./commands/connector_update.ts";
import { cost } from "./commands/cost.ts";
import { deploy } from "./commands/deploy.ts";
import { doctor } from "./commands/doctor.ts";
import { install } from "./commands/install.ts";
import { issuesList } from "./commands/issues_list.ts";
import { keyCreate } from "./commands/key_create.ts";
import { keyList } from "./commands/key_list.ts";
import { keyRevoke } from "./commands/key_revoke.ts";
import { tabAdd } from "./commands/tab_add.ts";
import { tabList } from "./commands/tab_list.ts";
import { tabRemove } from "./commands/tab_remove.ts";
import { tabSetAction } from "./commands/tab_set_action.ts";
import { tabUpdate } from "./commands/tab_update.ts";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  install,
  deploy,
  doctor,
  agentCreate,
  agentList,
  agentShow,
  agentUpdate,
  agentRotateSecret,
  agentRemove,
  keyCreate,
  keyList,
  keyRevoke,
  tabAdd,
  tabSetAction,
  tabList,
  tabUpdate,
  tabRemove,
  connectorAdd,
  connectorList,
  connectorUpdate,
  connectorRemove,
  issuesList,
  cost,
];
