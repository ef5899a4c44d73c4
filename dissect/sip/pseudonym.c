#include "dissect/sip/pseudonym.h"

#include <arpa/inet.h>

enum {
  DIGEST = 32,          /* bytes of SHA-256 */
  NUMBER_TAIL = 8,      /* digits of a number that do not depend on those before them */
  REMEMBERED = 1 << 20, /* words, and as many addresses */
  ROUNDS = 4,
};

struct Pseudonyms {
  GHmac *hmac;       /* with the key, and nothing added yet */
  GHashTable *words; /* lower case -> lower case */
  GHashTable *addresses;
  GHashTable *names; /* words, lower case */
  uint64_t forgotten;
};

Pseudonyms *pseudonyms_new(const uint8_t key[PSEUDONYM_KEY])
{
  Pseudonyms *pseudonyms = g_new0(Pseudonyms, 1);

  pseudonyms->hmac = g_hmac_new(G_CHECKSUM_SHA256, key, PSEUDONYM_KEY);
  pseudonyms->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  pseudonyms->addresses = g_hash_table_new_full(
    g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, (GDestroyNotify) g_bytes_unref);
  pseudonyms->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return pseudonyms;
}

void pseudonyms_free(Pseudonyms *pseudonyms)
{
  if (!pseudonyms)
    return;
  g_hmac_unref(pseudonyms->hmac);
  g_hash_table_unref(pseudonyms->words);
  g_hash_table_unref(pseudonyms->addresses);
  g_hash_table_unref(pseudonyms->names);
  g_free(pseudonyms);
}

/* --- The permutation -------------------------------------------------------------------------- */

/* Numbers, each below its radix, of something whose `form` stays as it is. */
typedef struct {
  Slice form;
  uint8_t value[PSEUDONYM_WORD_MAX];
  uint8_t radix[PSEUDONYM_WORD_MAX]; /* at least 2 */
  size_t count;
} Digits;

/* A digest of everything but those that it is to change. */
static void digest_of(const Pseudonyms *pseudonyms, const Digits *digits, uint8_t round,
                      Slice source, uint8_t ret_digest[2 * DIGEST])
{
  for (uint8_t block = 0; block < 2; block++) {
    GHmac *hmac = g_hmac_copy(pseudonyms->hmac);
    const uint8_t head[] = {round, block, (uint8_t) digits->count, (uint8_t) digits->form.len};
    gsize len = DIGEST;

    g_hmac_update(hmac, head, sizeof head);
    g_hmac_update(hmac, (const guchar *) digits->form.data, (gssize) digits->form.len);
    g_hmac_update(hmac, (const guchar *) source.data, (gssize) source.len);
    g_hmac_get_digest(hmac, ret_digest + block * DIGEST, &len);
    g_hmac_unref(hmac);
    if (digits->count <= DIGEST)
      break;
  }
}

static Slice values(const Digits *digits, size_t from, size_t to)
{
  return slice_of((const char *) digits->value + from, to - from);
}

/* Adds what the others say to those from `from` to `to`. */
static void add_digest(const Pseudonyms *pseudonyms, Digits *digits, uint8_t round, size_t from,
                       size_t to)
{
  uint8_t digest[2 * DIGEST] = {0};
  Slice others = from == 0 ? values(digits, to, digits->count) : values(digits, 0, from);

  digest_of(pseudonyms, digits, round, others, digest);
  for (size_t i = from; i < to; i++)
    digits->value[i] = (uint8_t) ((digits->value[i] + digest[i]) % digits->radix[i]);
}

static void permute(const Pseudonyms *pseudonyms, Digits *digits)
{
  uint8_t digest[2 * DIGEST];
  size_t half = digits->count / 2;

  for (uint8_t round = 0; digits->count > 1 && round < ROUNDS; round++)
    add_digest(pseudonyms, digits, round, round % 2 == 0 ? 0 : half,
               round % 2 == 0 ? half : digits->count);
  if (digits->count != 1)
    return;
  digest_of(pseudonyms, digits, 0, SLICE_NONE, digest);
  unsigned shift = 1 + digest[0] % (digits->radix[0] - 1U); /* never to itself */
  digits->value[0] = (uint8_t) ((digits->value[0] + shift) % digits->radix[0]);
}

/* --- Words ------------------------------------------------------------------------------------ */

static bool is_number(const char *word, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isdigit(word[i]))
      return false;
  return true;
}

/* The last digits, and then each of those before by all that are after it. */
static void replace_number(const Pseudonyms *pseudonyms, char *word, size_t len)
{
  Digits tail = {.form = SLICE("number"), .count = MIN(len, (size_t) NUMBER_TAIL)};
  size_t lead = len - tail.count;

  for (size_t i = 0; i < tail.count; i++) {
    tail.value[i] = (uint8_t) (word[lead + i] - '0');
    tail.radix[i] = 10;
  }
  permute(pseudonyms, &tail);
  for (size_t i = 0; i < tail.count; i++)
    word[lead + i] = (char) ('0' + tail.value[i]);
  while (lead > 0) {
    Digits one = {.form = slice_of(word + lead, len - lead), .count = 1, .radix = {10}};
    one.value[0] = (uint8_t) (word[--lead] - '0');
    permute(pseudonyms, &one);
    word[lead] = (char) ('0' + one.value[0]);
  }
}

/* How many bytes after this one of UTF-8 stay, so that the character stays one that is shown. */
static unsigned fixed_after(uint8_t lead)
{
  return lead == 0xe2                                                                   ? 2
         : lead == 0xc2 || lead == 0xe0 || lead == 0xed || lead == 0xee || lead == 0xef ? 1
         : lead >= 0xf0                                                                 ? 3
                                                                                        : 0;
}

/* The first byte of the range that a byte of a word stays in, and its size; 1: it stays. */
static uint8_t range_of(uint8_t byte, bool is_hex, bool is_utf8, uint8_t *ret_first)
{
  if (g_ascii_isdigit(byte)) {
    *ret_first = '0';
    return 10;
  }
  if (g_ascii_islower(byte)) {
    *ret_first = 'a';
    return is_hex ? 6 : 26;
  }
  *ret_first = byte >= 0xc0 ? 0xc0 : 0x80;
  return byte < 0x80 || (byte >= 0xc0 && is_utf8) ? 1 : 64;
}

/* A Session-ID (RFC 7989 5) and a digest stay what they are. */
static bool is_hex_digest(const char *word, size_t len)
{
  size_t i = 0;

  while (i < len && g_ascii_isxdigit(word[i]))
    i++;
  return i == len && (len == 32 || len == 40 || len == 64);
}

/* A word in lower case. */
static void replace_word(const Pseudonyms *pseudonyms, char *word, size_t len)
{
  Digits digits = {.form = SLICE("word")};
  uint8_t first[PSEUDONYM_WORD_MAX];
  size_t place[PSEUDONYM_WORD_MAX];
  char form[PSEUDONYM_WORD_MAX];
  bool is_hex = is_hex_digest(word, len);
  bool is_utf8 = g_utf8_validate(word, (gssize) len, NULL);
  unsigned fixed = 0;

  for (size_t i = 0; i < len; i++) {
    uint8_t byte = (uint8_t) word[i], radix = range_of(byte, is_hex, is_utf8, first + digits.count);
    bool stays = radix == 1 || (is_utf8 && fixed > 0);
    fixed = is_utf8 && byte >= 0xc0 ? fixed_after(byte) : fixed > 0 ? fixed - 1 : 0;
    form[i] = stays ? word[i] : (char) first[digits.count];
    if (stays)
      continue;
    digits.value[digits.count] = (uint8_t) (byte - first[digits.count]);
    digits.radix[digits.count] = radix;
    place[digits.count++] = i;
  }
  digits.form = slice_of(form, len);
  permute(pseudonyms, &digits);
  for (size_t i = 0; i < digits.count; i++)
    word[place[i]] = (char) (first[i] + digits.value[i]);
}

void pseudonyms_word(Pseudonyms *pseudonyms, char *word, size_t len)
{
  g_assert(len > 0 && len <= PSEUDONYM_WORD_MAX);
  g_autofree char *lower = g_ascii_strdown(word, (gssize) len);
  const char *known = g_hash_table_lookup(pseudonyms->words, lower);
  char *made = NULL;

  if (!known) {
    if (g_hash_table_size(pseudonyms->words) >= REMEMBERED) {
      pseudonyms->forgotten += g_hash_table_size(pseudonyms->words);
      g_hash_table_remove_all(pseudonyms->words);
    }
    known = made = g_strdup(lower);
    if (is_number(lower, len))
      replace_number(pseudonyms, made, len);
    else
      replace_word(pseudonyms, made, len);
    g_hash_table_insert(pseudonyms->words, g_steal_pointer(&lower), made);
  }
  for (size_t i = 0; i < len; i++)
    word[i] = g_ascii_isupper(word[i]) ? g_ascii_toupper(known[i]) : known[i];
}

void pseudonyms_note_name(Pseudonyms *pseudonyms, const char *word, size_t len)
{
  char *lower = g_ascii_strdown(word, (gssize) len);

  if (g_hash_table_size(pseudonyms->names) >= REMEMBERED)
    g_hash_table_remove_all(pseudonyms->names);
  g_hash_table_add(pseudonyms->names, lower);
}

bool pseudonyms_is_name(const Pseudonyms *pseudonyms, const char *word, size_t len)
{
  g_autofree char *lower = g_ascii_strdown(word, (gssize) len);

  return g_hash_table_contains(pseudonyms->names, lower);
}

/* --- Addresses -------------------------------------------------------------------------------- */

/* What kind of IPv4 addresses begins like this: one of which the first byte says it, or two. */
typedef enum {
  IPV4_PUBLIC,
  IPV4_PINNED_1, /* public, but as private ones are beside it the first byte stays */
  IPV4_ONE,      /* 10, 127, multicast ...: the first byte stays */
  IPV4_TWO,      /* 192.168, 169.254: the first two bytes stay */
  IPV4_RANGE,    /* 172.16-31, 100.64-127: the second stays in its range */
} Ipv4Kind;

static Ipv4Kind ipv4_kind(unsigned first, unsigned second)
{
  if (first == 0 || first == 10 || first == 127 || first >= 224)
    return IPV4_ONE;
  if ((first == 192 && second == 168) || (first == 169 && second == 254))
    return IPV4_TWO;
  if ((first == 172 && second >= 16 && second <= 31) ||
      (first == 100 && second >= 64 && second <= 127))
    return IPV4_RANGE;
  return first == 192 || first == 169 || first == 172 || first == 100 ? IPV4_PINNED_1 : IPV4_PUBLIC;
}

/* The digits of a number to that base, none of them a leading zero. */
static void put_digits(Digits *digits, unsigned number, unsigned base, unsigned highest)
{
  unsigned width = number >= base * base * base ? 4
                   : number >= base * base      ? 3
                   : number >= base             ? 2
                                                : 1;

  digits->count = width;
  for (unsigned i = width; i-- > 0; number /= base) {
    digits->value[i] = (uint8_t) (number % base);
    digits->radix[i] = (uint8_t) base;
  }
  if (width == 1 && base == 10)
    return; /* a byte of 0 is one like others */
  digits->value[0]--;
  digits->radix[0] = (uint8_t) (width == 3 && base == 10 ? highest : base - 1);
}

static unsigned number_of(const Digits *digits, unsigned base)
{
  unsigned number = 0;

  for (size_t i = 0; i < digits->count; i++)
    number =
      number * base + digits->value[i] + (i == 0 && (digits->count > 1 || base == 16) ? 1U : 0U);
  return number;
}

/* Another number that begins as many digits long; what is before it in the address is the form. */
static unsigned other_byte(const Pseudonyms *pseudonyms, const uint8_t *address, unsigned at)
{
  Digits digits;
  unsigned byte = address[at];
  Ipv4Kind kind = ipv4_kind(address[0], address[1]);

  /* Walks the cycle to the next one that is allowed, so it stays a permutation of those. */
  do {
    digits.form = slice_of((const char *) address, at);
    put_digits(&digits, byte, 10, 2);
    permute(pseudonyms, &digits);
    byte = number_of(&digits, 10);
  } while (byte > 255 || (at == 0 && ipv4_kind(byte, 0) != IPV4_PUBLIC) ||
           (at == 1 && kind != IPV4_PUBLIC && ipv4_kind(address[0], byte) != kind));
  return byte;
}

static void replace_ipv4(const Pseudonyms *pseudonyms, uint8_t *address)
{
  const uint8_t old[] = {address[0], address[1], address[2], address[3]};
  static const unsigned KEPT[] = {
    [IPV4_PUBLIC] = 0, [IPV4_PINNED_1] = 1, [IPV4_ONE] = 1, [IPV4_TWO] = 2, [IPV4_RANGE] = 1};

  if (old[0] == 0 || old[0] == 127 || old[0] >= 240)
    return;
  for (unsigned i = KEPT[ipv4_kind(old[0], old[1])]; i < 4; i++)
    address[i] = (uint8_t) other_byte(pseudonyms, old, i);
}

static unsigned group_of(const uint8_t *address, unsigned index)
{
  return (unsigned) address[2 * index] << 8 | address[2 * index + 1];
}

/* Global unicast and unique local ones stay that; of others the first group stays. */
static unsigned ipv6_kind(unsigned first)
{
  return first >> 13 == 1 ? 1 : first >> 9 == 0x7e ? first >> 8 : 0;
}

static unsigned other_group(const Pseudonyms *pseudonyms, const uint8_t *address, unsigned index)
{
  unsigned group = group_of(address, index);
  unsigned kind = index == 0 ? ipv6_kind(group) : 0;
  Digits digits;

  if (group == 0 || (index == 0 && kind == 0))
    return group;
  do {
    digits.form = slice_of((const char *) address, 2 * index);
    put_digits(&digits, group, 16, 15);
    permute(pseudonyms, &digits);
    group = number_of(&digits, 16);
  } while (index == 0 && ipv6_kind(group) != kind);
  return group;
}

/* ::ffff:192.0.2.1 */
static bool is_mapped_ipv4(const uint8_t *address)
{
  static const uint8_t PREFIX[12] = {[10] = 0xff, [11] = 0xff};

  return memcmp(address, PREFIX, sizeof PREFIX) == 0;
}

static void replace_ipv6(const Pseudonyms *pseudonyms, uint8_t *address)
{
  static const uint8_t LOOPBACK[16] = {[15] = 1};
  uint8_t old[16];

  memcpy(old, address, sizeof old);
  if (is_mapped_ipv4(old)) {
    replace_ipv4(pseudonyms, address + 12);
    return;
  }
  for (unsigned i = 0; i < 8 && memcmp(old, LOOPBACK, sizeof old) != 0; i++) {
    unsigned group = other_group(pseudonyms, old, i);
    address[2 * i] = (uint8_t) (group >> 8);
    address[2 * i + 1] = (uint8_t) group;
  }
}

void pseudonyms_address(Pseudonyms *pseudonyms, uint8_t *address, size_t len)
{
  g_assert(len == 4 || len == 16);
  g_autoptr(GBytes) old = g_bytes_new(address, len);
  GBytes *known = g_hash_table_lookup(pseudonyms->addresses, old);

  if (known) {
    memcpy(address, g_bytes_get_data(known, NULL), len);
    return;
  }
  if (len == 4)
    replace_ipv4(pseudonyms, address);
  else
    replace_ipv6(pseudonyms, address);
  if (g_hash_table_size(pseudonyms->addresses) >= REMEMBERED) {
    pseudonyms->forgotten += g_hash_table_size(pseudonyms->addresses);
    g_hash_table_remove_all(pseudonyms->addresses);
  }
  g_hash_table_insert(pseudonyms->addresses, g_steal_pointer(&old), g_bytes_new(address, len));
}

/* Writes the groups into the text, as wide as those that are there. */
static void put_groups(char *text, size_t len, const uint8_t *address)
{
  unsigned index = 0, after = 0;
  size_t gap = len;

  for (size_t i = 0; i + 1 < len && gap == len; i++)
    if (text[i] == ':' && text[i + 1] == ':')
      gap = i;
  for (size_t i = gap; i < len; i++)
    after += g_ascii_isxdigit(text[i]) && (i + 1 == len || !g_ascii_isxdigit(text[i + 1]));
  for (size_t i = 0; i < len;) {
    size_t end = i;
    while (end < len && g_ascii_isxdigit(text[end]))
      end++;
    if (i >= gap && i < gap + 2)
      index = 8 - after;
    if (end == i) {
      i++;
      continue;
    }
    char digits[8];
    bool is_upper = false;
    for (size_t j = i; j < end; j++)
      is_upper |= g_ascii_isupper(text[j]);
    g_snprintf(digits, sizeof digits, is_upper ? "%0*X" : "%0*x", (int) MIN(end - i, (size_t) 4),
               group_of(address, MIN(index, 7U)));
    memcpy(text + i, digits, MIN(end - i, strlen(digits)));
    index++;
    i = end;
  }
}

bool pseudonyms_address_text(Pseudonyms *pseudonyms, char *text, size_t len)
{
  char copy[INET6_ADDRSTRLEN] = "", now[INET6_ADDRSTRLEN];
  uint8_t address[16];

  if (len == 0 || len >= sizeof copy)
    return false;
  memcpy(copy, text, len);
  bool is_ipv4 = inet_pton(AF_INET, copy, address) == 1;
  if (!is_ipv4 && inet_pton(AF_INET6, copy, address) != 1)
    return false;
  /* A dotted end of any other IPv6 address would not be as long as before. */
  const char *dotted = strrchr(copy, ':');
  if (!is_ipv4 && strchr(copy, '.') && !is_mapped_ipv4(address))
    return false;
  pseudonyms_address(pseudonyms, address, is_ipv4 ? 4 : 16);
  if (!is_ipv4 && !strchr(copy, '.')) {
    put_groups(text, len, address);
    return true;
  }
  const char *tail = inet_ntop(AF_INET, is_ipv4 ? address : address + 12, now, sizeof now);
  size_t at = is_ipv4 || !dotted ? 0 : (size_t) (dotted + 1 - copy);
  memcpy(text + at, tail, MIN(len - at, strlen(tail)));
  return true;
}

/* --- The list --------------------------------------------------------------------------------- */

static char *address_text(GBytes *bytes)
{
  char text[INET6_ADDRSTRLEN];

  inet_ntop(g_bytes_get_size(bytes) == 4 ? AF_INET : AF_INET6, g_bytes_get_data(bytes, NULL), text,
            sizeof text);
  return g_strdup(text);
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void pseudonyms_append_list(const Pseudonyms *pseudonyms, GString *to, uint64_t *ret_forgotten)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  gpointer old, now;
  GHashTableIter iter;

  g_hash_table_iter_init(&iter, pseudonyms->words);
  while (g_hash_table_iter_next(&iter, &old, &now))
    g_ptr_array_add(lines, g_strdup_printf("%s\t%s\n", (char *) old, (char *) now));
  g_hash_table_iter_init(&iter, pseudonyms->addresses);
  while (g_hash_table_iter_next(&iter, &old, &now)) {
    g_autofree char *before = address_text(old), *after = address_text(now);
    g_ptr_array_add(lines, g_strdup_printf("%s\t%s\n", before, after));
  }
  g_ptr_array_sort(lines, compare_lines);
  for (guint i = 0; i < lines->len; i++)
    g_string_append(to, g_ptr_array_index(lines, i));
  *ret_forgotten = pseudonyms->forgotten;
}
