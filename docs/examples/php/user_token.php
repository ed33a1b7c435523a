<?php

/**
 * A token for the signed-in user. Only on the server: whoever has the secret can pose as anybody.
 *
 * @param array $user with `id`, and `name` and `email` if there are any
 */
function heddle_user_token(array $user, string $signingSecret): string
{
    $encode = fn (string $data): string => rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
    $now = time();
    $claims = array_filter([
        'sub' => (string) $user['id'],
        'name' => $user['name'] ?? null,
        'email' => $user['email'] ?? null,
        'iat' => $now,
        'exp' => $now + 600,
    ], fn ($claim) => $claim !== null);
    $content = $encode(json_encode(['alg' => 'HS256', 'typ' => 'JWT'])) . '.'
        . $encode(json_encode($claims, JSON_THROW_ON_ERROR));
    return "$content." . $encode(hash_hmac('sha256', $content, $signingSecret, true));
}
