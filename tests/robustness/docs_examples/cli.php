<?php

require __DIR__ . '/../../../docs/examples/php/publish.php';
require __DIR__ . '/../../../docs/examples/php/user_token.php';

[, $task, $first, $second] = $argv;
if ($task === 'token') {
    echo heddle_user_token(json_decode($second, true), $first);
} else {
    heddle_publish($first, $second, json_decode($argv[4], true));
}
