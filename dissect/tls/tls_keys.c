#include "dissect/tls/tls_keys.h"

#include "capture/hash.h"

typedef struct {
  uint8_t random[TLS_RANDOM_LEN]; /* first: the key of the table */
  uint64_t seed;
  GList link; /* in `order` */
  TlsSecret secrets[TLS_SECRET_KINDS];
} Entry;

struct TlsKeys {
  GHashTable *entries;
  GQueue order; /* the oldest first */
  size_t entries_max;
  TlsPrivateKey *privates[TLS_PRIVATE_KEYS_MAX];
  size_t private_count;
  uint64_t seed, generation, dropped;
};

/* Labels; those without a kind are of no use here. */
static const struct {
  Slice label;
  TlsSecretKind kind;
} LABELS[] = {
  {{"CLIENT_RANDOM", 13}, TLS_MASTER},
  {{"CLIENT_EARLY_TRAFFIC_SECRET", 27}, TLS_CLIENT_EARLY},
  {{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", 31}, TLS_CLIENT_HANDSHAKE},
  {{"SERVER_HANDSHAKE_TRAFFIC_SECRET", 31}, TLS_SERVER_HANDSHAKE},
  {{"CLIENT_TRAFFIC_SECRET_0", 23}, TLS_CLIENT_TRAFFIC},
  {{"SERVER_TRAFFIC_SECRET_0", 23}, TLS_SERVER_TRAFFIC},
};

static guint entry_hash(gconstpointer key)
{
  const Entry *entry = key;

  return (guint) hash_bytes(entry->random, sizeof entry->random, entry->seed);
}

static gboolean entry_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(((const Entry *) a)->random, ((const Entry *) b)->random, TLS_RANDOM_LEN) == 0;
}

TlsKeys *tls_keys_new(size_t connections_max)
{
  TlsKeys *keys = g_new0(TlsKeys, 1);

  keys->entries = g_hash_table_new(entry_hash, entry_equal);
  keys->entries_max = connections_max;
  keys->seed = hash_seed_new();
  return keys;
}

static void drop_oldest(TlsKeys *keys)
{
  Entry *entry = keys->order.head->data;

  g_queue_unlink(&keys->order, &entry->link);
  g_hash_table_remove(keys->entries, entry);
  tls_wipe(entry, sizeof *entry);
  g_free(entry);
}

void tls_keys_free(TlsKeys *keys)
{
  if (!keys)
    return;
  while (keys->order.head)
    drop_oldest(keys);
  for (size_t i = 0; i < keys->private_count; i++)
    tls_private_key_free(keys->privates[i]);
  g_hash_table_unref(keys->entries);
  g_free(keys);
}

static Entry *find_entry(const TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN])
{
  Entry key = {.seed = keys->seed};

  memcpy(key.random, random, sizeof key.random);
  return g_hash_table_lookup(keys->entries, &key);
}

static Entry *get_entry(TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN])
{
  Entry *entry = find_entry(keys, random);

  if (entry)
    return entry;
  if (keys->order.length >= keys->entries_max) {
    drop_oldest(keys);
    keys->dropped++;
  }
  entry = g_new0(Entry, 1);
  memcpy(entry->random, random, sizeof entry->random);
  entry->seed = keys->seed;
  entry->link.data = entry;
  g_hash_table_add(keys->entries, entry);
  g_queue_push_tail_link(&keys->order, &entry->link);
  return entry;
}

void tls_keys_set(TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN], TlsSecretKind kind,
                  const TlsSecret *secret)
{
  get_entry(keys, random)->secrets[kind] = *secret;
  keys->generation++;
}

bool tls_keys_add_private(TlsKeys *keys, Slice pem)
{
  TlsPrivateKey *key =
    keys->private_count < TLS_PRIVATE_KEYS_MAX ? tls_private_key_read(pem) : NULL;

  if (key)
    keys->privates[keys->private_count++] = key;
  return key != NULL;
}

bool tls_keys_has_private(const TlsKeys *keys)
{
  return keys->private_count > 0;
}

bool tls_keys_open_premaster(const TlsKeys *keys, Slice encrypted, TlsSecret *ret_premaster)
{
  for (size_t i = 0; i < keys->private_count; i++)
    if (tls_private_key_open(keys->privates[i], encrypted, ret_premaster))
      return true;
  return false;
}

/* All of the text as hexadecimal bytes; their number, or 0 when it is something else. */
static size_t read_hex(Slice text, uint8_t *to, size_t room)
{
  if (text.len == 0 || text.len % 2 != 0 || text.len / 2 > room)
    return 0;
  for (size_t i = 0; i < text.len; i += 2) {
    int high = g_ascii_xdigit_value(text.data[i]), low = g_ascii_xdigit_value(text.data[i + 1]);
    if (high < 0 || low < 0)
      return 0;
    to[i / 2] = (uint8_t) (high << 4 | low);
  }
  return text.len / 2;
}

/* "EXPORTER_SECRET 0123...", "RSA Session-ID:0123... Master-Key:..." */
static bool is_other_label(Slice label, Slice name)
{
  for (size_t i = 0; i < label.len; i++)
    if (!g_ascii_isalnum(label.data[i]) && label.data[i] != '_')
      return false;
  for (size_t i = 0; i < name.len; i++)
    if (!g_ascii_isxdigit(name.data[i]))
      return slice_starts_with(name, SLICE("Session-ID:"));
  return label.len > 0 && name.len > 0;
}

/* A line without its end; false when it is none of a key log.  What is of another kind, or empty,
 * or a comment, is right. */
static bool add_line(TlsKeys *keys, Slice line)
{
  uint8_t random[TLS_RANDOM_LEN];
  TlsSecret secret = {0};

  line = slice_trim(line);
  if (line.len == 0 || line.data[0] == '#')
    return true;
  if (line.len > TLS_KEY_LINE_MAX)
    return false;
  Slice label = slice_cut(&line, ' '), name = slice_cut(&line, ' '), value = slice_trim(line);
  for (size_t i = 0; i < G_N_ELEMENTS(LABELS); i++) {
    if (!slice_eq(label, LABELS[i].label))
      continue;
    secret.len = (uint8_t) read_hex(value, secret.bytes, sizeof secret.bytes);
    bool ok = read_hex(name, random, sizeof random) == sizeof random &&
              (secret.len == TLS_MASTER_LEN || (LABELS[i].kind != TLS_MASTER && secret.len == 32));
    if (ok)
      tls_keys_set(keys, random, LABELS[i].kind, &secret);
    tls_wipe(&secret, sizeof secret);
    return ok;
  }
  return is_other_label(label, name);
}

void tls_keys_add(TlsKeys *keys, Slice lines, TlsKeyLogFaults *faults)
{
  while (lines.len > 0) {
    Slice line = slice_take_line(&lines);
    faults->lines++;
    if (add_line(keys, line))
      continue;
    if (faults->bad++ == 0)
      faults->first = faults->lines;
  }
}

uint64_t tls_keys_generation(const TlsKeys *keys)
{
  return keys->generation;
}

uint64_t tls_keys_dropped(const TlsKeys *keys)
{
  return keys->dropped;
}

const TlsSecret *tls_keys_find(const TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN],
                               TlsSecretKind kind)
{
  const Entry *entry = find_entry(keys, random);

  return entry && entry->secrets[kind].len > 0 ? &entry->secrets[kind] : NULL;
}

static void append_hex(GString *to, const uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    g_string_append_printf(to, "%02x", bytes[i]);
}

void tls_keys_append_lines(const TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN], GString *to)
{
  const Entry *entry = find_entry(keys, random);

  for (size_t i = 0; entry && i < G_N_ELEMENTS(LABELS); i++) {
    const TlsSecret *secret = &entry->secrets[LABELS[i].kind];
    if (secret->len == 0)
      continue;
    g_string_append_printf(to, "%.*s ", SLICE_ARG(LABELS[i].label));
    append_hex(to, random, TLS_RANDOM_LEN);
    g_string_append_c(to, ' ');
    append_hex(to, secret->bytes, secret->len);
    g_string_append_c(to, '\n');
  }
}
