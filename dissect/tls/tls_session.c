#include "dissect/tls/tls_session.h"

#include "capture/reader.h"

enum {
  MESSAGE_MAX = 8 * 1024,     /* of a handshake message; what is longer is read as far */
  TRANSCRIPT_MAX = 64 * 1024, /* of all of them, and of one, where a private key may need them */
  RANDOMS_MAX = 4,            /* of handshakes in one connection that are remembered */
  NOBODY = 2,
};

/* Trying other sequence numbers after a hole costs at most so many bytes more than were read. */
enum { TRIAL_FIRST = 256 * 1024, TRIAL_MAX = 4 * 1024 * 1024, TRIAL_SHARE = 8, TRIES_MAX = 256 };

/* Which secret of TLS 1.3 protects what a side sends (RFC 8446 7.1). */
typedef enum { PHASE_EARLY, PHASE_HANDSHAKE, PHASE_TRAFFIC } Phase;

/* A handshake message, whose parts may lie in several records. */
typedef struct {
  uint8_t header[4]; /* type, and length in 24 bits */
  size_t header_len;
  GByteArray *body; /* NULL: none */
  size_t left;      /* bytes of it to come */
} Message;

typedef struct {
  bool is_secured;   /* its records are protected */
  Phase phase;       /* of TLS 1.3 */
  bool is_unsure;    /* some records before the first that can be opened are of another phase */
  TlsCipher *cipher; /* NULL: not made yet */
  TlsSecret secret;  /* of TLS 1.3 and `cipher` */
  uint64_t seq;      /* of the next record */
  uint64_t lost;     /* records that may be missing before it */
  int64_t trial;     /* bytes that may be tried */
  Message message;
} Side;

struct TlsSession {
  unsigned references, mark;
  TlsKeys *keys;
  unsigned client; /* which side; NOBODY: not known */
  bool has_client_hello, has_server_hello;
  bool retried, offers_early, refuses_early;
  uint8_t randoms[RANDOMS_MAX][TLS_RANDOM_LEN]; /* of ClientHellos, the newest first */
  unsigned random_count;
  TlsServerHello hello; /* without its slices */
  const TlsSuite *suite;
  GByteArray *transcript; /* messages so far, while a private key may need them; or NULL */
  Side sides[2];
  TlsInfo info;
};

TlsSession *tls_session_new(TlsKeys *keys)
{
  TlsSession *session = g_new0(TlsSession, 1);

  session->references = 1;
  session->keys = keys;
  session->client = NOBODY;
  session->sides[0].trial = session->sides[1].trial = TRIAL_FIRST;
  return session;
}

TlsSession *tls_session_ref(TlsSession *session)
{
  session->references++;
  return session;
}

static void message_clear(Message *message)
{
  g_clear_pointer(&message->body, g_byte_array_unref);
  message->header_len = message->left = 0;
}

static void side_drop_cipher(Side *side)
{
  g_clear_pointer(&side->cipher, tls_cipher_free);
  tls_wipe(&side->secret, sizeof side->secret);
}

static void certificate_clear(TlsCertificate *certificate)
{
  g_free(certificate->subject);
  g_free(certificate->issuer);
  *certificate = (TlsCertificate){0};
}

static void drop_transcript(TlsSession *session)
{
  g_clear_pointer(&session->transcript, g_byte_array_unref);
}

void tls_session_unref(TlsSession *session)
{
  if (!session || --session->references > 0)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(session->sides); i++) {
    side_drop_cipher(&session->sides[i]);
    message_clear(&session->sides[i].message);
  }
  drop_transcript(session);
  certificate_clear(&session->info.server);
  g_free(session->info.server_name);
  g_free(session->info.protocol);
  g_free(session);
}

bool tls_session_is_client(const TlsSession *session, unsigned side)
{
  return session->client == side;
}

bool tls_session_is_secured(const TlsSession *session, unsigned side)
{
  return session->sides[side].is_secured;
}

const TlsInfo *tls_session_info(const TlsSession *session)
{
  return &session->info;
}

unsigned tls_session_mark(const TlsSession *session)
{
  return session->mark;
}

void tls_session_set_mark(TlsSession *session, unsigned mark)
{
  session->mark = mark;
}

void tls_session_append_lines(const TlsSession *session, GString *to)
{
  for (unsigned i = 0; i < session->random_count; i++)
    tls_keys_append_lines(session->keys, session->randoms[i], to);
}

/* --- Handshake messages ----------------------------------------------------------------------- */

static void set_text(char **place, Slice text)
{
  enum { TEXT_MAX = 255 };

  if (text.len == 0)
    return;
  g_free(*place);
  *place = slice_dup(slice_head(text, TEXT_MAX));
}

static void take_client_hello(TlsSession *session, unsigned side, Slice body)
{
  TlsClientHello hello;
  bool is_new = !session->has_client_hello;

  if (!tls_client_hello_read(body, &hello))
    return;
  session->client = side;
  session->has_client_hello = true;
  if (is_new || memcmp(session->randoms[0], hello.random, TLS_RANDOM_LEN) != 0) {
    memmove(session->randoms[1], session->randoms[0],
            sizeof session->randoms[0] * (RANDOMS_MAX - 1));
    memcpy(session->randoms[0], hello.random, TLS_RANDOM_LEN);
    session->random_count = MIN(session->random_count + 1, (unsigned) RANDOMS_MAX);
    session->has_server_hello =
      session->has_server_hello && is_new; /* it came before, as captured */
  }
  session->offers_early |= hello.early_data;
  if (!session->info.agreed)
    session->info.version = hello.version;
  set_text(&session->info.server_name, hello.server_name);
  set_text(&session->info.protocol, hello.protocol);
}

static void take_server_hello(TlsSession *session, unsigned side, Slice body)
{
  TlsServerHello hello;

  if (!tls_server_hello_read(body, &hello))
    return;
  session->client = !side;
  session->retried |= hello.retries;
  session->info.version = hello.version;
  session->info.suite = hello.suite;
  if (hello.retries)
    return;
  session->info.agreed = session->has_server_hello = true;
  set_text(&session->info.protocol, hello.protocol);
  hello.protocol = SLICE_NONE;
  session->hello = hello;
  session->suite = tls_suite_find(hello.suite);
  if (hello.version != TLS_1_3)
    return;
  session->sides[side].is_secured = true;
  session->sides[side].phase = PHASE_HANDSHAKE;
}

static void take_certificate(TlsSession *session, unsigned side, Slice body)
{
  uint16_t version = session->info.version;
  TlsCertificate certificate;

  if (side == session->client || !session->has_server_hello ||
      !tls_certificate_read(tls_certificate_first(body, version), &certificate))
    return;
  certificate_clear(&session->info.server);
  session->info.server = certificate;
}

/* RFC 8446 7.2: the side uses the next generation of its secret. */
static void update_key(TlsSession *session, Side *side)
{
  TlsHash hash = tls_suite_schedule_hash(session->suite, TLS_1_3);
  TlsSecret next = {.len = side->secret.len};

  bool ok =
    side->secret.len > 0 && tls_expand(hash, &side->secret, "traffic upd", next.bytes, next.len);
  side_drop_cipher(side);
  if (ok)
    side->secret = next;
  side->seq = 0;
  tls_wipe(&next, sizeof next);
}

static void enter_phase(Side *side, Phase phase)
{
  side_drop_cipher(side);
  side->phase = phase;
  side->seq = 0;
}

static void take_encrypted_extensions(TlsSession *session, Slice body)
{
  Slice protocol;
  bool early_data;

  if (!tls_encrypted_extensions_read(body, &protocol, &early_data))
    return;
  set_text(&session->info.protocol, protocol);
  session->refuses_early = !early_data;
}

/* RFC 5246 8.1, and RFC 7627 4 where both sides agreed to it. */
static bool derive_master(const TlsSession *session, const TlsSecret *premaster,
                          TlsSecret *ret_master)
{
  TlsHash hash = tls_suite_schedule_hash(session->suite, session->hello.version);
  Slice secret = slice_of((const char *) premaster->bytes, premaster->len);
  uint8_t seed[2 * TLS_RANDOM_LEN];

  ret_master->len = TLS_MASTER_LEN;
  if (session->hello.extended_master) {
    const GByteArray *transcript = session->transcript;
    return transcript->len < TRANSCRIPT_MAX &&
           tls_digest(hash, slice_of((const char *) transcript->data, transcript->len), seed) &&
           tls_prf(hash, secret, "extended master secret",
                   slice_of((const char *) seed, tls_hash_len(hash)), ret_master->bytes,
                   TLS_MASTER_LEN);
  }
  memcpy(seed, session->randoms[0], TLS_RANDOM_LEN);
  memcpy(seed + TLS_RANDOM_LEN, session->hello.random, TLS_RANDOM_LEN);
  return tls_prf(hash, secret, "master secret", slice_of((const char *) seed, sizeof seed),
                 ret_master->bytes, TLS_MASTER_LEN);
}

/* RFC 5246 7.4.7.1: with RSA it has the secret, encrypted for the server's key. */
static void take_client_key(TlsSession *session, Slice body)
{
  Reader r = reader_of(body.data, body.len);
  Slice encrypted = reader_slice(&r, reader_u16(&r));
  TlsSecret premaster = {0}, master = {0};

  if (session->transcript && encrypted.data && session->suite && session->has_client_hello &&
      session->has_server_hello && session->suite->exchange == TLS_EXCHANGE_RSA &&
      tls_keys_open_premaster(session->keys, encrypted, &premaster) &&
      derive_master(session, &premaster, &master))
    tls_keys_set(session->keys, session->randoms[0], TLS_MASTER, &master);
  tls_wipe(&premaster, sizeof premaster);
  tls_wipe(&master, sizeof master);
  drop_transcript(session);
}

/* The messages of a handshake, from the ClientHello on (RFC 5246 7.4.9). */
static void note_transcript(TlsSession *session, const Message *message)
{
  enum { HELLO_REQUEST = 0 };
  uint8_t type = message->header[0];

  if (!tls_keys_has_private(session->keys) || type == HELLO_REQUEST)
    return;
  if (type == TLS_CLIENT_HELLO) {
    drop_transcript(session);
    session->transcript = g_byte_array_new();
  }
  if (!session->transcript || session->transcript->len >= TRANSCRIPT_MAX)
    return;
  g_byte_array_append(session->transcript, message->header, sizeof message->header);
  g_byte_array_append(session->transcript, message->body->data, message->body->len);
}

static void take_message(TlsSession *session, unsigned side, uint8_t type, Slice body)
{
  Side *own = &session->sides[side];
  bool is_1_3 = session->has_server_hello && session->hello.version == TLS_1_3;

  if (type == TLS_CLIENT_HELLO)
    take_client_hello(session, side, body);
  else if (type == TLS_SERVER_HELLO)
    take_server_hello(session, side, body);
  else if (type == TLS_CERTIFICATE)
    take_certificate(session, side, body);
  else if (type == TLS_CLIENT_KEY_EXCHANGE)
    take_client_key(session, body);
  else if (!is_1_3 || !own->is_secured)
    return;
  else if (type == TLS_ENCRYPTED_EXTENSIONS)
    take_encrypted_extensions(session, body);
  else if (type == TLS_END_OF_EARLY_DATA && own->phase == PHASE_EARLY)
    enter_phase(own, PHASE_HANDSHAKE);
  else if (type == TLS_FINISHED && own->phase == PHASE_HANDSHAKE)
    enter_phase(own, PHASE_TRAFFIC);
  else if (type == TLS_KEY_UPDATE && own->phase == PHASE_TRAFFIC)
    update_key(session, own);
}

/* The header's bytes; true when all are there, and the body is awaited. */
static bool gather_header(Message *message, Reader *r)
{
  while (message->header_len < sizeof message->header && reader_left(r) > 0)
    message->header[message->header_len++] = reader_u8(r);
  if (message->header_len < sizeof message->header)
    return false;
  if (!message->body) {
    message->body = g_byte_array_new();
    message->left =
      (size_t) message->header[1] << 16 | (size_t) message->header[2] << 8 | message->header[3];
  }
  return true;
}

static void take_handshake(TlsSession *session, unsigned side, Slice bytes)
{
  Message *message = &session->sides[side].message;
  Reader r = reader_of(bytes.data, bytes.len);
  guint most = tls_keys_has_private(session->keys) ? TRANSCRIPT_MAX : MESSAGE_MAX;

  while (reader_left(&r) > 0 && gather_header(message, &r)) {
    size_t here = MIN(message->left, reader_left(&r));
    size_t kept = MIN(here, most - MIN(message->body->len, most));
    const uint8_t *part = reader_take(&r, here);
    g_byte_array_append(message->body, part, (guint) kept);
    message->left -= here;
    if (message->left > 0)
      return;
    Message whole = *message;
    *message = (Message){0};
    note_transcript(session, &whole);
    take_message(session, side, whole.header[0],
                 slice_of((const char *) whole.body->data, whole.body->len));
    message_clear(&whole);
  }
}

static void take_alert(TlsSession *session, unsigned side, Slice body)
{
  enum { CLOSE_NOTIFY = 0, USER_CANCELED = 90, NO_RENEGOTIATION = 100 };
  uint8_t alert = body.len == 2 ? (uint8_t) body.data[1] : CLOSE_NOTIFY;

  if (session->info.has_alert || alert == CLOSE_NOTIFY || alert == USER_CANCELED ||
      alert == NO_RENEGOTIATION)
    return;
  session->info.has_alert = true;
  session->info.alert = alert;
  session->info.alert_of_client = session->client == side;
}

/* --- Keys ------------------------------------------------------------------------------------- */

/* The part of the key block (RFC 5246 6.3) that the side's records are protected with. */
static TlsCipher *cipher_of_block(const TlsSession *session, bool is_client, const uint8_t *block)
{
  const TlsSuite *suite = session->suite;
  const TlsBulkRow *bulk = tls_bulk(suite->bulk);
  size_t mac_len = bulk->tag_len > 0 ? 0 : tls_hash_len(suite->hash);
  const uint8_t *macs = block, *keys = macs + 2 * mac_len, *ivs = keys + 2 * (size_t) bulk->key_len;
  unsigned second = is_client ? 0 : 1;

  return tls_cipher_new(&(TlsCipherKeys){.suite = suite,
                                         .version = session->hello.version,
                                         .encrypt_then_mac = session->hello.encrypt_then_mac,
                                         .mac = macs + second * mac_len,
                                         .key = keys + second * (size_t) bulk->key_len,
                                         .iv = ivs + second * (size_t) bulk->fixed_len});
}

static TlsCipher *cipher_of_master(const TlsSession *session, bool is_client,
                                   const TlsSecret *master)
{
  TlsHash hash = tls_suite_schedule_hash(session->suite, session->hello.version);
  uint8_t block[2 * (TLS_HASH_MAX + TLS_KEY_MAX + TLS_BLOCK_MAX)];
  char seed[2 * TLS_RANDOM_LEN];
  TlsCipher *cipher = NULL;

  memcpy(seed, session->hello.random, TLS_RANDOM_LEN);
  memcpy(seed + TLS_RANDOM_LEN, session->randoms[0], TLS_RANDOM_LEN);
  if (tls_prf(hash, slice_of((const char *) master->bytes, master->len), "key expansion",
              slice_of(seed, sizeof seed), block, sizeof block))
    cipher = cipher_of_block(session, is_client, block);
  tls_wipe(block, sizeof block);
  return cipher;
}

/* RFC 8446 7.3 */
static TlsCipher *cipher_of_secret(const TlsSession *session, const TlsSecret *secret)
{
  enum { IV_LEN = 12 };
  TlsHash hash = tls_suite_schedule_hash(session->suite, TLS_1_3);
  uint8_t key[TLS_KEY_MAX], iv[IV_LEN];
  TlsCipher *cipher = NULL;

  if (secret->len == tls_hash_len(hash) &&
      tls_expand(hash, secret, "key", key, tls_bulk(session->suite->bulk)->key_len) &&
      tls_expand(hash, secret, "iv", iv, sizeof iv))
    cipher = tls_cipher_new(
      &(TlsCipherKeys){.suite = session->suite, .version = TLS_1_3, .key = key, .iv = iv});
  tls_wipe(key, sizeof key);
  tls_wipe(iv, sizeof iv);
  return cipher;
}

static const TlsSecret *find_secret(const TlsSession *session, TlsSecretKind kind)
{
  return tls_keys_find(session->keys, session->randoms[0], kind);
}

static const TlsSecret *find_phase_secret(const TlsSession *session, bool is_client, Phase phase)
{
  if (phase == PHASE_EARLY)
    return find_secret(session, TLS_CLIENT_EARLY);
  if (phase == PHASE_HANDSHAKE)
    return find_secret(session, is_client ? TLS_CLIENT_HANDSHAKE : TLS_SERVER_HANDSHAKE);
  return find_secret(session, is_client ? TLS_CLIENT_TRAFFIC : TLS_SERVER_TRAFFIC);
}

/* The cipher of the phase, or, when only that of a later one is known, of that. */
static TlsTaken make_cipher_1_3(TlsSession *session, Side *side)
{
  bool is_client = side == &session->sides[session->client];
  const TlsSecret *secret = &side->secret; /* after an update of the key */
  Phase phase = side->phase;

  if (secret->len == 0)
    secret = find_phase_secret(session, is_client, phase);
  while (!secret && phase < PHASE_TRAFFIC)
    secret = find_phase_secret(session, is_client, ++phase);
  if (!secret)
    return TLS_WAITS;
  side->is_unsure |= phase != side->phase;
  side->phase = phase;
  side->cipher = cipher_of_secret(session, secret);
  side->secret = *secret;
  return side->cipher ? TLS_TAKEN : TLS_UNKNOWN;
}

/* TLS_TAKEN when the side has one, or why it has none. */
static TlsTaken make_cipher(TlsSession *session, Side *side)
{
  if (side->cipher)
    return TLS_TAKEN;
  if (session->client == NOBODY)
    return TLS_UNKNOWN;
  if (!session->has_client_hello || !session->has_server_hello)
    return TLS_WAITS;
  if (!session->suite || session->hello.compresses || session->hello.version < TLS_1_0)
    return TLS_UNKNOWN;
  if (session->hello.version == TLS_1_3)
    return make_cipher_1_3(session, side);
  const TlsSecret *master = find_secret(session, TLS_MASTER);
  if (!master)
    return TLS_WAITS;
  side->cipher = cipher_of_master(session, side == &session->sides[session->client], master);
  return side->cipher ? TLS_TAKEN : TLS_UNKNOWN;
}

/* --- Records ---------------------------------------------------------------------------------- */

typedef struct {
  uint8_t type;
  Slice bytes;
} Content;

/* With the next sequence number, or, after a hole, with one of those that may come after it. */
static bool try_numbers(Side *side, const TlsRecord *record, char *room, Content *ret_content)
{
  size_t len;

  for (uint64_t skipped = 0; skipped <= side->lost && side->trial >= 0; skipped++) {
    if (skipped > 0)
      side->trial -= (int64_t) record->body.len;
    if (!tls_cipher_open(side->cipher, record, side->seq + skipped, room, &len, &ret_content->type))
      continue;
    side->seq += skipped + 1;
    side->lost = 0;
    side->is_unsure = false;
    ret_content->bytes = slice_of(room, len);
    return true;
  }
  side->trial = MAX(side->trial, (int64_t) 0);
  return false;
}

/* The messages that end a phase may be lost, or another phase was begun with. */
static bool try_later_phases(TlsSession *session, Side *side, const TlsRecord *record, char *room,
                             Content *ret_content)
{
  bool is_client = side == &session->sides[session->client];

  for (Phase phase = side->phase + 1; phase <= PHASE_TRAFFIC; phase++) {
    const TlsSecret *secret = find_phase_secret(session, is_client, phase);
    Side later = {.phase = phase, .lost = side->lost, .trial = side->trial};
    if (!secret)
      continue;
    later.cipher = cipher_of_secret(session, secret);
    bool ok = later.cipher && try_numbers(&later, record, room, ret_content);
    side->trial = later.trial;
    if (!ok) {
      tls_cipher_free(later.cipher);
      continue;
    }
    side_drop_cipher(side);
    message_clear(&side->message);
    side->phase = phase;
    side->cipher = later.cipher;
    side->secret = *secret;
    side->seq = later.seq;
    side->lost = 0;
    side->is_unsure = false;
    return true;
  }
  return false;
}

static void begin_protection(Side *side)
{
  side_drop_cipher(side);
  message_clear(&side->message);
  side->is_secured = true;
  side->seq = 0;
}

/* RFC 8446 4.2.10, 5: the client may begin with early data. */
static void begin_client_1_3(TlsSession *session, Side *side)
{
  bool has_early =
    session->offers_early && !session->retried && !session->refuses_early && session->hello.resumes;

  begin_protection(side);
  side->phase = has_early ? PHASE_EARLY : PHASE_HANDSHAKE;
  side->is_unsure = session->offers_early; /* those that are refused are passed over */
}

static TlsTaken take_change_cipher(TlsSession *session, unsigned side)
{
  if (session->client == NOBODY)
    return TLS_UNKNOWN;
  Side *own = &session->sides[side];
  if (!session->has_server_hello && !own->is_secured)
    return session->retried ? TLS_TAKEN : TLS_WAITS;
  if (session->hello.version == TLS_1_3)
    return TLS_TAKEN; /* RFC 8446 D.4: it means nothing */
  begin_protection(own);
  return TLS_TAKEN;
}

static TlsTaken take_content(TlsSession *session, unsigned side, const Content *content,
                             Slice *ret_content)
{
  switch (content->type) {
  case TLS_APPLICATION_DATA:
    session->info.is_read = true;
    *ret_content = content->bytes;
    return content->bytes.len > 0 ? TLS_CONTENT : TLS_TAKEN;
  case TLS_HANDSHAKE:
    take_handshake(session, side, content->bytes);
    break;
  case TLS_ALERT:
    take_alert(session, side, content->bytes);
    break;
  case TLS_CHANGE_CIPHER_SPEC:
    return take_change_cipher(session, side);
  default: /* heartbeats */
    break;
  }
  return TLS_TAKEN;
}

static TlsTaken take_protected(TlsSession *session, unsigned side, const TlsRecord *record,
                               char *room, Slice *ret_content)
{
  Side *own = &session->sides[side];
  TlsTaken taken = make_cipher(session, own);
  Content content;

  if (taken != TLS_TAKEN)
    return taken;
  own->trial = MIN(own->trial + TRIAL_SHARE * (int64_t) record->body.len, (int64_t) TRIAL_MAX);
  bool is_1_3 = session->hello.version == TLS_1_3;
  if (try_numbers(own, record, room, &content) ||
      (is_1_3 && try_later_phases(session, own, record, room, &content)))
    return take_content(session, side, &content, ret_content);
  tls_cipher_pass(own->cipher, record);
  if (own->is_unsure)
    return TLS_TAKEN;
  session->info.unreadable++;
  tls_session_lose(session, side, 1);
  return TLS_DAMAGED;
}

/* Is the record protected?  In TLS 1.3 it looks like application data. */
static bool is_protected(TlsSession *session, unsigned side, const TlsRecord *record)
{
  Side *own = &session->sides[side];
  bool is_1_3 = session->has_server_hello && session->hello.version == TLS_1_3;

  if (is_1_3 && record->type == TLS_APPLICATION_DATA && !own->is_secured)
    begin_client_1_3(session, own);
  if (is_1_3)
    return record->type == TLS_APPLICATION_DATA;
  if (record->type == TLS_APPLICATION_DATA && !own->is_secured && session->has_server_hello) {
    begin_protection(own); /* the record that began it is missing */
    tls_session_lose(session, side, 1);
  }
  return own->is_secured || record->type == TLS_APPLICATION_DATA;
}

TlsTaken tls_session_take(TlsSession *session, unsigned side, const TlsRecord *record, char *room,
                          Slice *ret_content)
{
  if (is_protected(session, side, record))
    return take_protected(session, side, record, room, ret_content);
  const Content content = {record->type, record->body};
  return take_content(session, side, &content, ret_content);
}

void tls_session_lose(TlsSession *session, unsigned side, uint64_t records_max)
{
  Side *own = &session->sides[side];

  message_clear(&own->message);
  own->lost = MIN(own->lost + records_max, (uint64_t) TRIES_MAX);
}
