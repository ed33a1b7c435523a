<?php

const HEDDLE_READS = ['get_items', 'item_clicked'];
const HEDDLE_MAX_AGE_SECONDS = 5 * 60;
const HEDDLE_CLOCK_TOLERANCE_SECONDS = 60;

/** Why a request can't be trusted to come from Heddle. */
class NotHeddle extends Exception
{
}

/**
 * What Heddle asks for: action, tabId, endUser, and itemId and the rest where there is one. Throws NotHeddle, and
 * JsonException for a body that can't be read.
 *
 * @param array $headers with names in lower case
 * @param string $body the raw bytes, before any parser
 * @param string $secret `whsec_…`
 */
function heddle_call(string $method, array $headers, string $body, string $agentId, string $secret): array
{
    if (!preg_match('~^whsec_.~', $secret)) {
        throw new InvalidArgumentException('the webhook secret begins with whsec_');
    }
    if ($method === 'POST') {
        heddle_verify_signature($headers, $body, $secret);
        return json_decode($body, true, 512, JSON_THROW_ON_ERROR);
    }
    // The second one is there while the secret is rotated, and signed with the old one.
    $call = heddle_claims($headers['x-heddle-identity'] ?? '', $secret)
        ?? heddle_claims($headers['x-heddle-identity-previous'] ?? '', $secret)
        ?? throw new NotHeddle('no x-heddle-identity is signed with the webhook secret');
    if ($call['iss'] !== 'heddle' || $call['aud'] !== $agentId) {
        throw new NotHeddle("x-heddle-identity is another agent's");
    }
    if ($call['exp'] + HEDDLE_CLOCK_TOLERANCE_SECONDS < time()) {
        throw new NotHeddle('x-heddle-identity has expired');
    }
    if (!in_array($call['action'], HEDDLE_READS, true)) {
        throw new NotHeddle('x-heddle-identity is that of a write');
    }
    $endUser = ['id' => $call['sub'], 'email' => $call['email'] ?? null, 'name' => $call['name'] ?? null];
    return $call + ['endUser' => $endUser];
}

/** The claims, if HS256 with the secret's text as it is signs them; whatever the token's header says. */
function heddle_claims(string $token, string $secret): ?array
{
    [$header, $claims, $given] = explode('.', $token) + ['', '', ''];
    $signature = base64_encode(hash_hmac('sha256', "$header.$claims", $secret, true));
    $expected = rtrim(strtr($signature, '+/', '-_'), '=');
    return hash_equals($expected, $given) ? json_decode(base64_decode(strtr($claims, '-_', '+/')), true) : null;
}

/** Standard Webhooks: the key is what follows whsec_, base64-decoded. */
function heddle_verify_signature(array $headers, string $body, string $secret): void
{
    [$id, $timestamp] = [$headers['webhook-id'] ?? '', $headers['webhook-timestamp'] ?? ''];
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // While the secret is rotated there are two signatures, separated by a space. One has to match.
    $signatures = explode(' ', $headers['webhook-signature'] ?? '');
    if (!array_filter($signatures, fn ($given) => hash_equals($expected, $given))) {
        throw new NotHeddle('no webhook-signature matches');
    }
    if (abs(time() - (int) $timestamp) > HEDDLE_MAX_AGE_SECONDS) {
        throw new NotHeddle('webhook-timestamp is more than five minutes off');
    }
}
