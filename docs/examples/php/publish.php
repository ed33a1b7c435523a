<?php

const HEDDLE_ATTEMPTS = 3;
const HEDDLE_TIMEOUT_SECONDS = 10;
const HEDDLE_LONGEST_WAIT_SECONDS = 30;

/**
 * Makes the open widgets of a visitor fetch again. Throws with Heddle's reason if it can't.
 *
 * @param string $url `https://<project>.supabase.co`
 * @param string $apiKey `hdl_…`
 * @param array $change with `endUserId`, `conversationId` or `endUserIds` (a list), or several of them;
 *   `event` has content for those who have the conversation open: see docs/realtime.md
 */
function heddle_publish(string $url, string $apiKey, array $change): void
{
    if (preg_match('~\s~', $apiKey)) {
        throw new RuntimeException("The API key holds white space, such as the newline at a file's end.");
    }
    $url = rtrim($url, '/');
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ["x-api-key: $apiKey", 'content-type: application/json'],
        'content' => json_encode($change, JSON_THROW_ON_ERROR),
        'timeout' => HEDDLE_TIMEOUT_SECONDS,
        'ignore_errors' => true, // a status of 400 or more is an answer, too
        'follow_location' => 0,
    ]]);
    for ($attempt = 1;; $attempt++) {
        $stream = @fopen("$url/functions/v1/realtime-publish", 'r', false, $context);
        if ($stream === false) {
            throw new RuntimeException('Heddle could not be reached.');
        }
        $headers = implode("\n", stream_get_meta_data($stream)['wrapper_data']);
        $answer = json_decode(stream_get_contents($stream), true) ?? []; // a proxy may answer HTML
        fclose($stream);

        $status = preg_match('~^HTTP/\S+ (\d{3})~', $headers, $match) ? (int) $match[1] : 0;
        if ($status === 200 && ($answer['ok'] ?? false)) {
            return;
        }
        if (!in_array($status, [429, 503], true) || $attempt === HEDDLE_ATTEMPTS) {
            $reason = $answer['error'] ?? $answer; // where the function did not run, the platform answers in its own way
            $code = $reason['code'] ?? '';
            $reasons = [$reason['message'] ?? 'no reason given'];
            foreach ($reason['issues'] ?? [] as $issue) {
                $reasons[] = "$issue[path]: $issue[message]";
            }
            throw new RuntimeException("Heddle answered $status $code: " . implode('; ', $reasons));
        }
        $seconds = preg_match('~^retry-after: (\d+)~im', $headers, $match) ? (int) $match[1] : 1;
        sleep(min($seconds, HEDDLE_LONGEST_WAIT_SECONDS));
    }
}
