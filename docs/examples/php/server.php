<?php

require __DIR__ . '/webhook.php';

/** Your own tables stand here. */
function items_of(string $endUserId): array
{
    return [['id' => '1042', 'title' => "Hello $endUserId"]];
}

$problem = heddle_signature_problem(
    $_SERVER['REQUEST_METHOD'],
    $_SERVER['REQUEST_URI'],
    array_change_key_case(getallheaders()),
    file_get_contents('php://input'),
    getenv('HEDDLE_WEBHOOK_SECRET'),
);
http_response_code($problem === null ? 200 : 401);
header('content-type: application/json');
echo json_encode($problem === null ? items_of($_GET['endUserId']) : ['message' => $problem]);
