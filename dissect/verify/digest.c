#include "dissect/verify/digest.h"

#include "dissect/sip/sip_values.h"
#include "dissect/verify/crypto.h"

enum { HEX_MAX = VERIFY_HASH_HEX_MAX };

typedef struct {
  char text[HEX_MAX + 1];
} Hex;

/* --- Algorithms (RFC 7616 3.3, 6.1) ----------------------------------------------------------- */

static bool hash_md5(Slice bytes, Hex *ret_hex)
{
  g_autofree char *hex =
    g_compute_checksum_for_data(G_CHECKSUM_MD5, (const guchar *) bytes.data, bytes.len);

  return g_strlcpy(ret_hex->text, hex, sizeof ret_hex->text) > 0;
}

static bool hash_sha256(Slice bytes, Hex *ret_hex)
{
  g_autofree char *hex =
    g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) bytes.data, bytes.len);

  return g_strlcpy(ret_hex->text, hex, sizeof ret_hex->text) > 0;
}

static bool hash_sha512_256(Slice bytes, Hex *ret_hex)
{
  return verify_sha512_256(bytes, ret_hex->text);
}

typedef struct {
  const char *name;
  bool (*hash)(Slice bytes, Hex *ret_hex);
  size_t hex_len;
  bool is_session; /* HA1 is made with nonces */
} Algorithm;

static const Algorithm ALGORITHMS[] = {
  {"MD5", hash_md5, 32, false},
  {"MD5-sess", hash_md5, 32, true},
  {"SHA-256", hash_sha256, 64, false},
  {"SHA-256-sess", hash_sha256, 64, true},
  {"SHA-512-256", hash_sha512_256, 64, false},
  {"SHA-512-256-sess", hash_sha512_256, 64, true},
};

/* --- Credentials ------------------------------------------------------------------------------ */

typedef struct {
  Slice username, realm, nonce, uri, response, algorithm, cnonce, qop, nc;
} Credentials;

static const struct {
  const char *name;
  size_t offset;
} PARAMS[] = {
  {"username", offsetof(Credentials, username)},
  {"realm", offsetof(Credentials, realm)},
  {"nonce", offsetof(Credentials, nonce)},
  {"uri", offsetof(Credentials, uri)},
  {"response", offsetof(Credentials, response)},
  {"algorithm", offsetof(Credentials, algorithm)},
  {"cnonce", offsetof(Credentials, cnonce)},
  {"qop", offsetof(Credentials, qop)},
  {"nc", offsetof(Credentials, nc)},
};

static bool read_credentials(Arena *arena, Slice value, Credentials *ret_credentials)
{
  Credentials credentials = {.algorithm = SLICE("MD5")};
  SipParam param;

  if (!slice_eq_nocase(sip_take_token(&value), SLICE("Digest")))
    return false;
  while (sip_auth_param_next(&value, &param))
    for (size_t i = 0; i < G_N_ELEMENTS(PARAMS); i++)
      if (slice_eq_nocase(param.name, slice_from_string(PARAMS[i].name))) {
        Slice *place = (Slice *) (void *) ((char *) &credentials + PARAMS[i].offset);
        *place = sip_unquote(arena, slice_trim(param.value));
      }
  *ret_credentials = credentials;
  return credentials.username.data && credentials.realm.data && credentials.nonce.data &&
         credentials.uri.data && credentials.response.data;
}

static const Algorithm *algorithm_of(Slice name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ALGORITHMS); i++)
    if (slice_eq_nocase(name, slice_from_string(ALGORITHMS[i].name)))
      return &ALGORITHMS[i];
  return NULL;
}

/* --- The response (RFC 7616 3.4.1) ------------------------------------------------------------ */

typedef struct {
  Credentials credentials;
  const Algorithm *algorithm;
  Slice method, body;
  bool covers_body;
} Digest;

/* Hashes the parts with colons between them; the text is wiped, as it may have a password. */
static bool hash_parts(const Algorithm *algorithm, const Slice *parts, size_t count, Hex *ret_hex)
{
  GString *text = g_string_sized_new(512);

  for (size_t i = 0; i < count; i++) {
    g_string_append(text, i > 0 ? ":" : "");
    g_string_append_len(text, parts[i].data, (gssize) parts[i].len);
  }
  bool ok = algorithm->hash(slice_of(text->str, text->len), ret_hex);
  verify_wipe(text->str, text->len);
  g_string_free(text, true);
  return ok;
}

static Slice hex_slice(const Hex *hex)
{
  return slice_from_string(hex->text);
}

static bool make_response(const Digest *digest, const Hex *secret, Hex *ret_response)
{
  const Credentials *c = &digest->credentials;
  const Algorithm *algorithm = digest->algorithm;
  Hex ha1 = *secret, ha2, body;

  if (algorithm->is_session) {
    const Slice parts[] = {hex_slice(secret), c->nonce, c->cnonce};
    if (!hash_parts(algorithm, parts, G_N_ELEMENTS(parts), &ha1))
      return false;
  }
  if (!algorithm->hash(digest->body, &body))
    return false;
  const Slice request[] = {digest->method, c->uri, hex_slice(&body)};
  if (!hash_parts(algorithm, request, digest->covers_body ? 3 : 2, &ha2))
    return false;
  const Slice with_qop[] = {hex_slice(&ha1), c->nonce, c->nc, c->cnonce, c->qop, hex_slice(&ha2)};
  const Slice without[] = {hex_slice(&ha1), c->nonce, hex_slice(&ha2)}; /* RFC 2069 */
  return c->qop.len > 0 ? hash_parts(algorithm, with_qop, G_N_ELEMENTS(with_qop), ret_response)
                        : hash_parts(algorithm, without, G_N_ELEMENTS(without), ret_response);
}

static bool is_made_with(const Digest *digest, const Hex *ha1)
{
  Hex response;

  return make_response(digest, ha1, &response) &&
         slice_eq_nocase(hex_slice(&response), digest->credentials.response);
}

/* Is the secret HA1 of the algorithm, as htdigest writes it? */
static bool read_ha1(const Digest *digest, Slice secret, Hex *ret_ha1)
{
  secret = slice_trim(secret);
  if (secret.len != digest->algorithm->hex_len)
    return false;
  for (size_t i = 0; i < secret.len; i++) {
    if (!g_ascii_isxdigit(secret.data[i]))
      return false;
    ret_ha1->text[i] = g_ascii_tolower(secret.data[i]);
  }
  ret_ha1->text[secret.len] = '\0';
  return true;
}

static bool is_made_by(const Digest *digest, Slice secret)
{
  const Credentials *c = &digest->credentials;
  const Slice parts[] = {c->username, c->realm, secret};
  Hex ha1;

  bool found =
    hash_parts(digest->algorithm, parts, G_N_ELEMENTS(parts), &ha1) && is_made_with(digest, &ha1);
  if (!found && read_ha1(digest, secret, &ha1))
    found = is_made_with(digest, &ha1);
  verify_wipe(&ha1, sizeof ha1);
  return found;
}

/* Reads what is needed to make the response; false when that cannot be done. */
static bool prepare(Arena *arena, const SipMsg *request, Slice value, Digest *ret_digest)
{
  Digest digest = {.method = request->method_text, .body = request->body};
  Hex unused;

  if (!read_credentials(arena, value, &digest.credentials))
    return false;
  const Credentials *c = &digest.credentials;
  digest.algorithm = algorithm_of(c->algorithm);
  digest.covers_body = slice_eq_nocase(c->qop, SLICE("auth-int"));
  bool knows_qop = c->qop.len == 0 || slice_eq_nocase(c->qop, SLICE("auth")) || digest.covers_body;
  bool needs_cnonce = c->qop.len > 0 || (digest.algorithm && digest.algorithm->is_session);
  *ret_digest = digest;
  return digest.algorithm && knows_qop && (!needs_cnonce || c->cnonce.data) &&
         (c->qop.len == 0 || c->nc.data) && digest.algorithm->hash(SLICE(""), &unused) &&
         (!digest.covers_body || request->complete);
}

static DigestState check(Arena *arena, const Passwords *passwords, const SipMsg *request,
                         Slice value)
{
  PasswordGuess guesses[PASSWORDS_TRIED_MAX];
  bool is_listed = false;
  Digest digest;

  if (!prepare(arena, request, value, &digest))
    return DIGEST_UNREADABLE;
  size_t count =
    passwords_find(passwords, digest.credentials.username, digest.credentials.realm, guesses);
  for (size_t i = 0; i < count; i++) {
    if (is_made_by(&digest, guesses[i].secret))
      return DIGEST_RIGHT;
    is_listed |= guesses[i].is_certain;
  }
  if (!is_listed)
    return DIGEST_NO_USER;
  return digest.covers_body ? DIGEST_WRONG_OR_BODY : DIGEST_WRONG;
}

DigestState digest_check(const Passwords *passwords, const SipMsg *request, Slice credentials)
{
  /* RFC 3261 22.1: an ACK repeats the credentials of its INVITE, which were made for INVITE. */
  if (!request->is_request || request->method == SIP_METHOD_ACK ||
      request->method == SIP_METHOD_CANCEL)
    return DIGEST_NOT_CHECKED;
  Arena arena;
  arena_init(&arena, 1024);
  DigestState state = check(&arena, passwords, request, credentials);
  arena_clear(&arena);
  return state;
}
