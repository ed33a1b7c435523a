<?php

const HEDDLE_MAX_AGE_SECONDS = 5 * 60;

/**
 * Why a request can't be trusted to come from Heddle; null if it can.
 *
 * @param string $target path and query exactly as they were requested
 * @param array $headers with names in lower case
 * @param string $body the raw bytes, before any parser; empty for GET
 * @param string $secret `whsec_…`
 */
function heddle_signature_problem(
    string $method,
    string $target,
    array $headers,
    string $body,
    string $secret
): ?string {
    if (!preg_match('~^whsec_.~', $secret)) {
        throw new InvalidArgumentException('the webhook secret begins with whsec_');
    }
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    $signatures = $headers['webhook-signature'] ?? '';
    if ($id === '' || $timestamp === '' || $signatures === '') {
        return 'a webhook-* header is missing';
    }
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > HEDDLE_MAX_AGE_SECONDS) {
        return 'webhook-timestamp is more than five minutes off';
    }
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $content = "$id.$timestamp.$method $target\n$body";
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $content, $key, true));
    // While a secret is being rotated there are two signatures, separated by a space. One has to match.
    foreach (explode(' ', $signatures) as $given) {
        if (hash_equals($expected, $given)) {
            return null;
        }
    }
    return 'no webhook-signature matches';
}
