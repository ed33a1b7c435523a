// Made by the Supabase CLI from the migrations: npm run check:supabase -- --write-types

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "heddle_api": {
    Tables: {
      [_ in never]: never;
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "bot_begin": {
        Args: {
          "p_client_id": string;
          "p_conversation_id": string;
          "p_for_seq": number;
          "p_reader"?: Json;
          "p_text": string;
        };
        Returns: Json;
      };
      "bot_done": {
        Args: {
          "p_client_id": string;
          "p_conversation_id": string;
          "p_done"?: string;
          "p_for_seq": number;
          "p_needs_human"?: boolean;
          "p_outcome": string;
          "p_reader"?: Json;
          "p_text"?: string;
        };
        Returns: Json;
      };
      "bot_take": {
        Args: { "p_agent_id": string; "p_conversation_id": string; "p_end_user"?: string; "p_reader"?: Json };
        Returns: Json;
      };
      "broadcast": {
        Args: { "p_channels": (string)[]; "p_event": string; "p_payload": Json };
        Returns: undefined;
      };
      "create_agent": {
        Args: {
          "p_allowed_origins"?: (string)[];
          "p_anonymous_allowed"?: boolean;
          "p_display"?: Json;
          "p_name": string;
          "p_org_id"?: string;
        };
        Returns: Json;
      };
      "create_api_key": {
        Args: { "p_agent_id": string; "p_name": string; "p_scopes"?: (string)[]; "p_whole_org"?: boolean };
        Returns: Json;
      };
      "create_bot": {
        Args: { "p_agent_id": string; "p_auto_respond"?: string; "p_name": string; "p_url": string };
        Returns: Json;
      };
      "create_connector": {
        Args: {
          "p_agent_id": string;
          "p_header"?: string;
          "p_host": string;
          "p_kind"?: string;
          "p_name": string;
          "p_value": string;
        };
        Returns: Json;
      };
      "create_room": {
        Args: { "p_agent_id": string; "p_name": string; "p_participants": Json };
        Returns: Json;
      };
      "create_tab": {
        Args: {
          "p_agent_id": string;
          "p_category": string;
          "p_icon"?: string;
          "p_name": string;
          "p_position"?: number;
          "p_source"?: string;
          "p_visitor_fields"?: (string)[];
        };
        Returns: Json;
      };
      "create_webhook": {
        Args: { "p_agent_id": string; "p_format"?: string; "p_topics"?: Json; "p_url": string };
        Returns: Json;
      };
      "delete_room": { Args: { "p_agent_id": string; "p_room_id": string }; Returns: Json };
      "deliveries_due": { Args: { "p_agent_id"?: string }; Returns: boolean };
      "dismiss_undelivered": { Args: { "p_agent_id": string; "p_ids"?: (string)[] }; Returns: Json };
      "end_delivery": {
        Args: {
          "p_answer"?: Json;
          "p_error"?: string;
          "p_id": number;
          "p_lease": string;
          "p_outcome": string;
          "p_retry_after"?: number;
        };
        Returns: Json;
      };
      "erase_anonymous_visitor": { Args: { "p_agent_id": string; "p_visitor_id": string }; Returns: Json };
      "event_reach": {
        Args: { "p_address_hash"?: string; "p_key_hash"?: string; "p_user_id"?: string };
        Returns: Json;
      };
      "events_after": { Args: { "p_limit"?: number; "p_since": string; "p_wanted": Json }; Returns: Json };
      "events_until": {
        Args: {
          "p_after": number;
          "p_limit"?: number;
          "p_since": string;
          "p_until": string;
          "p_wanted": Json;
        };
        Returns: Json;
      };
      "find_account": { Args: { "p_email": string }; Returns: string };
      "forget_push": { Args: { "p_id": string }; Returns: undefined };
      "gateway_here": { Args: { "p_id": string; "p_users": (string)[] }; Returns: undefined };
      "get_agent": { Args: { "p_agent_id": string }; Returns: Json };
      "give_ticket": {
        Args: { "p_ends_at": string; "p_hash": string; "p_key_hash": string; "p_user_id": string };
        Returns: Json;
      };
      "inbox_assign": { Args: { "p_conversation_id": string; "p_to"?: string }; Returns: Json };
      "inbox_changes": {
        Args: { "p_agent_id": string; "p_cursor": string; "p_limit"?: number };
        Returns: Json;
      };
      "inbox_channels": { Args: Record<PropertyKey, never>; Returns: Json };
      "inbox_claim": { Args: { "p_conversation_id": string }; Returns: Json };
      "inbox_counts": { Args: { "p_agent_id": string; "p_cap"?: number }; Returns: Json };
      "inbox_create_bot": {
        Args: { "p_agent_id": string; "p_auto_respond"?: string; "p_name": string; "p_url": string };
        Returns: Json;
      };
      "inbox_create_room": {
        Args: { "p_agent_id": string; "p_name": string; "p_participants": Json };
        Returns: Json;
      };
      "inbox_create_tab": { Args: { "p_agent_id": string; "p_name": string }; Returns: Json };
      "inbox_create_webhook": {
        Args: { "p_agent_id": string; "p_format"?: string; "p_topics"?: Json; "p_url": string };
        Returns: Json;
      };
      "inbox_delete_label": { Args: { "p_agent_id": string; "p_label_id": number }; Returns: Json };
      "inbox_delete_reply": { Args: { "p_agent_id": string; "p_reply_id": string }; Returns: Json };
      "inbox_delete_room": { Args: { "p_room_id": string }; Returns: Json };
      "inbox_deliveries": {
        Args: { "p_agent_id": string; "p_failed"?: boolean; "p_webhook_id": string };
        Returns: Json;
      };
      "inbox_dismiss_notifications": { Args: { "p_agent_id": string; "p_ids"?: (string)[] }; Returns: Json };
      "inbox_dismiss_undelivered": { Args: { "p_agent_id": string; "p_ids"?: (string)[] }; Returns: Json };
      "inbox_edit": {
        Args: { "p_body"?: string; "p_conversation_id": string; "p_seq": number; "p_version"?: string };
        Returns: Json;
      };
      "inbox_edit_note": {
        Args: { "p_body"?: string; "p_conversation_id": string; "p_note_id": number; "p_version"?: string };
        Returns: Json;
      };
      "inbox_erase_visitor": { Args: { "p_conversation_id": string; "p_end_user"?: string }; Returns: Json };
      "inbox_events": { Args: { "p_limit"?: number; "p_since"?: string; "p_topics"?: Json }; Returns: Json };
      "inbox_export_visitor": { Args: { "p_conversation_id": string; "p_end_user"?: string }; Returns: Json };
      "inbox_former_texts": {
        Args: { "p_conversation_id": string; "p_note_id"?: number; "p_seq"?: number };
        Returns: Json;
      };
      "inbox_here": { Args: { "p_state": string }; Returns: Json };
      "inbox_label": {
        Args: { "p_conversation_id": string; "p_label_id": number; "p_on": boolean };
        Returns: Json;
      };
      "inbox_list": {
        Args: {
          "p_agent_id": string;
          "p_before_at"?: string;
          "p_before_id"?: string;
          "p_label_id"?: number;
          "p_limit"?: number;
          "p_view"?: string;
        };
        Returns: Json;
      };
      "inbox_members": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_needs_human": { Args: { "p_conversation_id": string; "p_needs": boolean }; Returns: Json };
      "inbox_note": {
        Args: { "p_body": string; "p_client_id": string; "p_conversation_id": string };
        Returns: Json;
      };
      "inbox_notifications": { Args: { "p_agent_id": string; "p_before"?: string }; Returns: Json };
      "inbox_post": {
        Args: {
          "p_attachments"?: Json;
          "p_body": string;
          "p_client_id": string;
          "p_conversation_id": string;
        };
        Returns: Json;
      };
      "inbox_preferences": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_present": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_read": {
        Args: { "p_conversation_id": string; "p_seen"?: boolean; "p_seq": number };
        Returns: Json;
      };
      "inbox_read_notifications": {
        Args: { "p_agent_id": string; "p_ids"?: (string)[]; "p_until"?: string };
        Returns: Json;
      };
      "inbox_remove_bot": { Args: { "p_agent_id": string; "p_bot_id": string }; Returns: Json };
      "inbox_remove_member": { Args: { "p_agent_id": string; "p_user_id": string }; Returns: Json };
      "inbox_remove_participant": {
        Args: { "p_id": string; "p_role": string; "p_room_id": string };
        Returns: Json;
      };
      "inbox_remove_push": { Args: { "p_agent_id": string; "p_endpoint": string }; Returns: Json };
      "inbox_remove_tab": { Args: { "p_agent_id": string; "p_tab_id": string }; Returns: Json };
      "inbox_remove_webhook": { Args: { "p_agent_id": string; "p_webhook_id": string }; Returns: Json };
      "inbox_rename_tab": {
        Args: { "p_agent_id": string; "p_name": string; "p_tab_id": string };
        Returns: Json;
      };
      "inbox_replay_webhook": {
        Args: { "p_agent_id": string; "p_delivery_ids": (number)[]; "p_webhook_id": string };
        Returns: Json;
      };
      "inbox_replies": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_resolve_many": {
        Args: { "p_agent_id": string; "p_ids": (string)[]; "p_seen_revs"?: (number)[] };
        Returns: Json;
      };
      "inbox_retry_undelivered": { Args: { "p_agent_id": string; "p_ids"?: (string)[] }; Returns: Json };
      "inbox_rotate_bot": { Args: { "p_agent_id": string; "p_bot_id": string }; Returns: Json };
      "inbox_rotate_webhook": { Args: { "p_agent_id": string; "p_webhook_id": string }; Returns: Json };
      "inbox_rules": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_save_label": {
        Args: { "p_agent_id": string; "p_color": string; "p_label_id": number; "p_name": string };
        Returns: Json;
      };
      "inbox_save_push": {
        Args: { "p_agent_id": string; "p_auth": string; "p_endpoint": string; "p_p256dh": string };
        Returns: Json;
      };
      "inbox_save_reply": {
        Args: { "p_agent_id": string; "p_body": string; "p_reply_id": string; "p_shortcut": string };
        Returns: Json;
      };
      "inbox_search": { Args: { "p_agent_id": string; "p_limit"?: number; "p_text": string }; Returns: Json };
      "inbox_set_office": { Args: { "p_agent_id": string; "p_changes": Json }; Returns: Json };
      "inbox_set_participant": { Args: { "p_participant": Json; "p_room_id": string }; Returns: Json };
      "inbox_set_preferences": {
        Args: { "p_agent_id": string; "p_email": boolean; "p_push": boolean };
        Returns: Json;
      };
      "inbox_set_rule": {
        Args: {
          "p_agent_id": string;
          "p_minutes"?: number;
          "p_on": boolean;
          "p_rule": string;
          "p_settings"?: Json;
        };
        Returns: Json;
      };
      "inbox_set_site": { Args: { "p_agent_id": string; "p_changes": Json }; Returns: Json };
      "inbox_site": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_status": {
        Args: {
          "p_conversation_id": string;
          "p_seconds"?: number;
          "p_seen_rev"?: number;
          "p_status": string;
          "p_until"?: string;
        };
        Returns: Json;
      };
      "inbox_stop": { Args: { "p_conversation_id": string; "p_seq": number }; Returns: Json };
      "inbox_switch_webhook": {
        Args: { "p_agent_id": string; "p_on": boolean; "p_webhook_id": string };
        Returns: Json;
      };
      "inbox_test_webhook": { Args: { "p_agent_id": string; "p_webhook_id": string }; Returns: Json };
      "inbox_thread": {
        Args: { "p_before_seq"?: number; "p_conversation_id": string; "p_limit"?: number };
        Returns: Json;
      };
      "inbox_thread_changes": { Args: { "p_after_rev": number; "p_conversation_id": string }; Returns: Json };
      "inbox_typing": { Args: { "p_conversation_id": string }; Returns: Json };
      "inbox_undelivered": { Args: { "p_agent_id": string }; Returns: Json };
      "inbox_update_bot": {
        Args: { "p_agent_id": string; "p_bot_id": string; "p_changes": Json };
        Returns: Json;
      };
      "inbox_update_member": {
        Args: { "p_agent_id": string; "p_changes": Json; "p_user_id": string };
        Returns: Json;
      };
      "inbox_update_room": { Args: { "p_name": string; "p_room_id": string }; Returns: Json };
      "inbox_visitor": { Args: { "p_conversation_id": string }; Returns: Json };
      "inbox_webhooks": { Args: { "p_agent_id": string }; Returns: Json };
      "invite_member": {
        Args: {
          "p_agent_id": string;
          "p_email"?: string;
          "p_every_agent"?: boolean;
          "p_invited_by"?: string;
          "p_name"?: string;
          "p_role"?: string;
          "p_user_id": string;
        };
        Returns: Json;
      };
      "is_delivery_worker": { Args: { "p_key": string }; Returns: boolean };
      "keep_push_keys": { Args: { "p_private_key": string; "p_public_key": string }; Returns: boolean };
      "list_agents": { Args: Record<PropertyKey, never>; Returns: Json };
      "list_api_keys": { Args: { "p_agent_id"?: string }; Returns: Json };
      "list_bots": { Args: { "p_agent_id": string }; Returns: Json };
      "list_connectors": { Args: { "p_agent_id": string }; Returns: Json };
      "list_deliveries": {
        Args: {
          "p_agent_id": string;
          "p_before"?: number;
          "p_failed"?: boolean;
          "p_limit"?: number;
          "p_webhook_id": string;
        };
        Returns: Json;
      };
      "list_issues": { Args: { "p_agent_id"?: string; "p_limit"?: number }; Returns: Json };
      "list_members": { Args: { "p_agent_id": string }; Returns: Json };
      "list_rules": { Args: { "p_agent_id": string }; Returns: Json };
      "list_tabs": { Args: { "p_agent_id": string }; Returns: Json };
      "list_undelivered": { Args: { "p_agent_id": string }; Returns: Json };
      "list_webhooks": { Args: { "p_agent_id": string }; Returns: Json };
      "mail_state": { Args: Record<PropertyKey, never>; Returns: Json };
      "notify": { Args: { "p_agent_id": string }; Returns: undefined };
      "publish_context": { Args: { "p_address_hash"?: string; "p_key_hash": string }; Returns: Json };
      "push_keys": { Args: Record<PropertyKey, never>; Returns: Json };
      "read_events": {
        Args: {
          "p_address_hash"?: string;
          "p_key_hash": string;
          "p_limit"?: number;
          "p_since"?: string;
          "p_topics"?: Json;
        };
        Returns: Json;
      };
      "receive_mail": {
        Args: {
          "p_audience": string;
          "p_client_id": string;
          "p_conversation_id": string;
          "p_mail": Json;
          "p_recipient": string;
        };
        Returns: Json;
      };
      "record_issue": {
        Args: {
          "p_action": string;
          "p_agent_id": string;
          "p_detail": string;
          "p_host": string;
          "p_kind": string;
          "p_tab_id": string;
        };
        Returns: undefined;
      };
      "remove_agent": { Args: { "p_agent_id": string }; Returns: undefined };
      "remove_bot": { Args: { "p_agent_id": string; "p_bot_id": string }; Returns: boolean };
      "remove_connector": { Args: { "p_connector_id": string }; Returns: Json };
      "remove_member": { Args: { "p_agent_id": string; "p_user_id": string }; Returns: Json };
      "remove_room_participant": {
        Args: { "p_agent_id": string; "p_id": string; "p_role": string; "p_room_id": string };
        Returns: Json;
      };
      "remove_tab": { Args: { "p_tab_id": string }; Returns: Json };
      "remove_webhook": { Args: { "p_agent_id": string; "p_webhook_id": string }; Returns: boolean };
      "replay_webhook": {
        Args: {
          "p_agent_id": string;
          "p_all"?: boolean;
          "p_delivery_ids"?: (number)[];
          "p_from"?: string;
          "p_until"?: string;
          "p_webhook_id": string;
        };
        Returns: Json;
      };
      "rest_call": {
        Args: {
          "p_address_hash"?: string;
          "p_args": Json;
          "p_idempotency_key"?: string;
          "p_key_hash": string;
          "p_operation": string;
          "p_scope": string;
        };
        Returns: Json;
      };
      "retry_undelivered": { Args: { "p_agent_id": string; "p_ids"?: (string)[] }; Returns: Json };
      "return_invitation": {
        Args: { "p_agent_id": string; "p_email": string; "p_is_new": boolean; "p_with_mail": boolean };
        Returns: undefined;
      };
      "revoke_api_key": { Args: { "p_key_id": string }; Returns: undefined };
      "rotate_bot": { Args: { "p_agent_id": string; "p_bot_id": string; "p_grace"?: string }; Returns: Json };
      "rotate_signing_secret": {
        Args: { "p_agent_id": string; "p_grace"?: string; "p_hand_out_after"?: string };
        Returns: Json;
      };
      "rotate_webhook": {
        Args: { "p_agent_id": string; "p_grace"?: string; "p_webhook_id": string };
        Returns: Json;
      };
      "rotate_webhook_secret": { Args: { "p_agent_id": string; "p_grace"?: string }; Returns: Json };
      "send_events": { Args: { "p_agent_id": string; "p_on": boolean }; Returns: Json };
      "set_room_participant": {
        Args: { "p_agent_id": string; "p_participant": Json; "p_room_id": string };
        Returns: Json;
      };
      "set_rule": {
        Args: {
          "p_agent_id": string;
          "p_minutes"?: number;
          "p_on": boolean;
          "p_rule": string;
          "p_settings"?: Json;
        };
        Returns: Json;
      };
      "set_tab_actions": {
        Args: { "p_actions": (string)[]; "p_changes": Json; "p_tab_id": string };
        Returns: Json;
      };
      "spend_invitation": {
        Args: {
          "p_agent_id": string;
          "p_email": string;
          "p_every_agent"?: boolean;
          "p_invited_by": string;
          "p_name"?: string;
          "p_role"?: string;
        };
        Returns: Json;
      };
      "stop_mails": {
        Args: { "p_address": string; "p_agent_id": string; "p_audience": string };
        Returns: undefined;
      };
      "store_changes": {
        Args: {
          "p_after_seq": number;
          "p_agent_id": string;
          "p_conversation_id": string;
          "p_end_user": string;
        };
        Returns: Json;
      };
      "store_edit": {
        Args: {
          "p_agent_id": string;
          "p_body": string;
          "p_conversation_id": string;
          "p_end_user": string;
          "p_seq": number;
          "p_version"?: string;
        };
        Returns: Json;
      };
      "store_erase": { Args: { "p_agent_id": string; "p_end_user": string }; Returns: Json };
      "store_export": { Args: { "p_agent_id": string; "p_end_user": string }; Returns: Json };
      "store_import": { Args: { "p_agent_id": string; "p_conversations": Json }; Returns: Json };
      "store_list": {
        Args: {
          "p_agent_id": string;
          "p_before_at"?: string;
          "p_before_id"?: string;
          "p_end_user": string;
          "p_limit"?: number;
        };
        Returns: Json;
      };
      "store_needs_human": {
        Args: { "p_agent_id": string; "p_conversation_id": string; "p_end_user": string; "p_needs": boolean };
        Returns: Json;
      };
      "store_office": { Args: { "p_agent_id": string }; Returns: Json };
      "store_post": {
        Args: {
          "p_agent_id": string;
          "p_attachments"?: Json;
          "p_body": string;
          "p_client_id": string;
          "p_conversation_id": string;
          "p_end_user": string;
          "p_page"?: Json;
          "p_visitor"?: Json;
        };
        Returns: Json;
      };
      "store_push_off": {
        Args: { "p_agent_id": string; "p_end_user": string; "p_endpoint": string };
        Returns: undefined;
      };
      "store_push_on": {
        Args: {
          "p_agent_id": string;
          "p_auth": string;
          "p_end_user": string;
          "p_endpoint": string;
          "p_p256dh": string;
        };
        Returns: undefined;
      };
      "store_read": {
        Args: {
          "p_agent_id": string;
          "p_conversation_id": string;
          "p_end_user": string;
          "p_seen"?: boolean;
          "p_seq": number;
        };
        Returns: Json;
      };
      "store_sign_in": {
        Args: { "p_agent_id": string; "p_anonymous": string; "p_end_user": string; "p_visitor"?: Json };
        Returns: Json;
      };
      "store_stop": {
        Args: { "p_agent_id": string; "p_conversation_id": string; "p_end_user": string; "p_seq": number };
        Returns: Json;
      };
      "store_thread": {
        Args: {
          "p_agent_id": string;
          "p_before_seq"?: number;
          "p_conversation_id": string;
          "p_end_user": string;
          "p_limit"?: number;
        };
        Returns: Json;
      };
      "store_typing": {
        Args: { "p_agent_id": string; "p_conversation_id": string; "p_end_user": string };
        Returns: undefined;
      };
      "store_visitor": {
        Args: { "p_agent_id": string; "p_changes": Json; "p_end_user": string };
        Returns: Json;
      };
      "stream_begin": {
        Args: {
          "p_author_id": string;
          "p_author_name": string;
          "p_client_id": string;
          "p_conversation_id": string;
          "p_text": string;
        };
        Returns: Json;
      };
      "stream_end": {
        Args: {
          "p_conversation_id": string;
          "p_done": string;
          "p_reader"?: Json;
          "p_seq": number;
          "p_text": string;
        };
        Returns: Json;
      };
      "stream_grow": {
        Args: {
          "p_conversation_id": string;
          "p_delta": string;
          "p_index": number;
          "p_offset": number;
          "p_reader"?: Json;
          "p_seq": number;
        };
        Returns: Json;
      };
      "stream_tell": {
        Args: { "p_conversation_id": string; "p_data": Json; "p_type": string };
        Returns: undefined;
      };
      "switch_webhook": {
        Args: { "p_agent_id": string; "p_on": boolean; "p_webhook_id": string };
        Returns: boolean;
      };
      "tab_context": {
        Args: {
          "p_action": string;
          "p_address_hash": string;
          "p_agent_id": string;
          "p_end_user_id": string;
          "p_said"?: Json;
          "p_session_version": number;
          "p_tab_id": string;
        };
        Returns: Json;
      };
      "tail_events": {
        Args: {
          "p_after"?: number;
          "p_from"?: string;
          "p_heard"?: string;
          "p_limit"?: number;
          "p_to"?: string;
        };
        Returns: Json;
      };
      "take_deliveries": {
        Args: { "p_kinds": (string)[]; "p_limit": number; "p_private_hosts"?: (string)[]; "p_url"?: string };
        Returns: Json;
      };
      "take_ticket": { Args: { "p_hash": string }; Returns: Json };
      "tell_typing": {
        Args: { "p_by": Json; "p_conversation_id": string; "p_wanted": Json };
        Returns: undefined;
      };
      "tend_store": { Args: Record<PropertyKey, never>; Returns: undefined };
      "test_webhook": { Args: { "p_agent_id": string; "p_webhook_id": string }; Returns: Json };
      "touch_api_key": { Args: { "p_key_id": string }; Returns: undefined };
      "update_agent": { Args: { "p_agent_id": string; "p_changes": Json }; Returns: Json };
      "update_bot": { Args: { "p_agent_id": string; "p_bot_id": string; "p_changes": Json }; Returns: Json };
      "update_connector": { Args: { "p_changes": Json; "p_connector_id": string }; Returns: Json };
      "update_room": { Args: { "p_agent_id": string; "p_name": string; "p_room_id": string }; Returns: Json };
      "update_tab": { Args: { "p_changes": Json; "p_tab_id": string }; Returns: Json };
      "wake_deliveries": { Args: Record<PropertyKey, never>; Returns: boolean };
      "widget_context": {
        Args: { "p_address_hash"?: string; "p_agent_id": string; "p_visitor_id"?: string };
        Returns: Json;
      };
      "write_event": {
        Args: {
          "p_address_hash"?: string;
          "p_event": Json;
          "p_idempotency_key"?: string;
          "p_key_hash": string;
        };
        Returns: Json;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "heddle_api">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "heddle_api": {
    Enums: {},
  },
} as const;
