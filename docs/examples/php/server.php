<?php

require __DIR__ . '/webhook.php';

/** Status and answer. Each visitor has one conversation, whose id is the visitor's. */
function answer_of(array $query, string $body): array
{
    ['endUserId' => $visitor, 'action' => $action] = $query;
    $item = ['id' => $visitor, 'title' => "Hello $visitor"];
    if ($action === 'get_items') {
        return [200, ['items' => [$item]]];
    }
    if (($query['itemId'] ?? $visitor) !== $visitor) {
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
    ['clientId' => $id, 'body' => $text] = json_decode($body, true);
    $written = ['author' => ['role' => 'visitor'], 'body' => $text, 'createdAt' => gmdate('c')];
    $thread[$id] ??= ['id' => $id, 'clientId' => $id] + $written; // sent again: the one that is there
    rewind($file);
    fwrite($file, json_encode($thread));
    return [200, ['item' => $item, 'entry' => $thread[$id]]];
}

$body = file_get_contents('php://input');
$problem = heddle_signature_problem(
    $_SERVER['REQUEST_METHOD'],
    $_SERVER['REQUEST_URI'],
    array_change_key_case(getallheaders()),
    $body,
    getenv('HEDDLE_WEBHOOK_SECRET'),
);
[$status, $answer] = $problem === null ? answer_of($_GET, $body) : [401, ['message' => $problem]];
http_response_code($status);
header('content-type: application/json');
echo json_encode($answer);
