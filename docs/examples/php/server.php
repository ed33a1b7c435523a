<?php

require __DIR__ . '/webhook.php';

/** Status and answer. Each visitor has one conversation, whose id is the visitor's. */
function answer_of(array $call): array
{
    [$visitor, $action, $id] = [$call['endUser']['id'], $call['action'], $call['clientId'] ?? null];
    $item = ['id' => $visitor, 'title' => 'Your messages'];
    if ($action === 'get_items') {
        return [200, ['items' => [$item]]];
    }
    if (($call['itemId'] ?? $visitor) !== $visitor) {
        return [404, ['message' => 'There is no such conversation.']];
    }
    // PHP forgets between two requests, so a file keeps messages by clientId. Your own tables stand here.
    $file = fopen(sys_get_temp_dir() . '/heddle-' . hash('sha256', $visitor) . '.json', 'c+');
    flock($file, LOCK_EX);
    $thread = json_decode(stream_get_contents($file), true) ?? [];
    if ($action === 'item_clicked') {
        return [200, ['item' => $item, 'entries' => array_values($thread)]];
    }
    if ($action !== 'create_item') {
        return [400, ['message' => "There is no $action here."]];
    }
    $written = ['author' => ['role' => 'visitor'], 'body' => $call['body'], 'createdAt' => gmdate('c')];
    $thread[$id] ??= ['id' => $id, 'clientId' => $id] + $written; // sent again: the one that is there
    rewind($file);
    fwrite($file, json_encode($thread));
    return [200, ['item' => $item, 'entry' => $thread[$id]]];
}

try {
    [$status, $answer] = answer_of(heddle_call(
        $_SERVER['REQUEST_METHOD'],
        array_change_key_case(getallheaders()),
        file_get_contents('php://input'),
        getenv('HEDDLE_AGENT_ID'),
        getenv('HEDDLE_WEBHOOK_SECRET'),
    ));
} catch (NotHeddle $problem) {
    [$status, $answer] = [401, ['message' => $problem->getMessage()]];
} catch (JsonException) {
    [$status, $answer] = [400, ['message' => 'The body must be JSON.']];
}
http_response_code($status);
header('content-type: application/json');
echo json_encode($answer);
