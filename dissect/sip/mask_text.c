/* Texts word by word: what is replaced, and what its place says of it. */
#include "dissect/sip/sip_mask.h"

#include "dissect/sip/sip_chars.h"

enum { ADDRESS_MAX = 45 }; /* characters */

typedef struct {
  uint8_t c;    /* without its escape */
  uint32_t at;  /* in the text */
  bool escaped; /* three bytes: %HH */
} Char;

typedef struct {
  Pseudonyms *pseudonyms;
  char *text;
  Char *chars;
  size_t count;
  unsigned rules;
  bool is_id; /* up to the next ";": the Call-ID of Replaces */
} Text;

/* Parameters whose values name nobody. */
static const char *const PLAIN_VALUES[] = {
  "transport",
  "lr",
  "q",
  "expires",
  "ttl",
  "rport",

  "method",
  "cause",
  "index",
  "privacy",
  "screen",
  "party",
  "handling",
  "purpose",
  "refresher",
  "duration",
  "level",
  "ob",
  "comp",
  "reg-id",
  "algorithm",
  "qop",
  "nc",
  "stale",
  "charset",
  "userhash",
  "reason",
  "counter",
  "limit",
  "cpc",
  "oli",
  "early-only",
  "mp",
  "rc",
  "np",
  "ppt",
  "alg",
  "encoding",
  "content",
  "methods",
  "retry-after",
  "phone-type",
  "verstat",
  "keep",
  "sos",
  "gr-type",
  "id-type",
  "npi",
  "ton",
  "noa",
  "isub-encoding",
  "npdi",
  "+g.3gpp.icsi-ref",
  "+sip.rendering",
  "priority",
  "class",
  "mobility",
  "automata",
  "actor",
  "sigcomp",
  "version",
  "boundary",
};

/* Names of hosts that say nothing, and that make a host look like one. */
static const char *const TOP_DOMAINS[] = {"com", "net",         "org",      "invalid", "local",
                                          "lan", "localdomain", "internal", "arpa",    "example"};

static const char *const SCHEMES[] = {"sip",    "sips", "tel",  "urn",  "http", "https",
                                      "mailto", "im",   "pres", "uuid", "cid",  "data"};

/* Users that say that there is none (RFC 3323 4.1.1.3). */
static const char *const NOBODY[] = {"anonymous", "unavailable", "unknown", "restricted", "phone"};

bool mask_knows(const char *const *words, size_t count, Slice word)
{
  for (size_t i = 0; i < count; i++)
    if (slice_eq_nocase(word, slice_from_string(words[i])))
      return true;
  return false;
}

#define IS_ONE_OF(words, word) mask_knows(words, G_N_ELEMENTS(words), word)

static bool is_word_char(uint8_t c)
{
  return g_ascii_isalnum(c) || c >= 0x80;
}

static uint8_t char_at(const Text *text, size_t i)
{
  return i < text->count ? text->chars[i].c : 0;
}

static bool is_in(const char *set, uint8_t c)
{
  return c == 0 || strchr(set, c) != NULL;
}

/* Escaped bytes are one character. */
static void take_chars(Text *text, size_t len)
{
  text->chars = g_new(Char, len + 1);
  for (size_t i = 0; i < len;) {
    Char c = {(uint8_t) text->text[i], (uint32_t) i, false};
    if (c.c == '%' && i + 2 < len && g_ascii_isxdigit(text->text[i + 1]) &&
        g_ascii_isxdigit(text->text[i + 2])) {
      c.escaped = true;
      c.c = (uint8_t) (g_ascii_xdigit_value(text->text[i + 1]) << 4 |
                       g_ascii_xdigit_value(text->text[i + 2]));
    }
    i += c.escaped ? 3 : 1;
    text->chars[text->count++] = c;
  }
}

static void put_char(Text *text, size_t i, char value)
{
  static const char HEX[] = "0123456789ABCDEF";
  const Char *c = &text->chars[i];

  text->chars[i].c = (uint8_t) value;
  if (!c->escaped) {
    text->text[c->at] = value;
    return;
  }
  text->text[c->at + 1] = HEX[(uint8_t) value >> 4];
  text->text[c->at + 2] = HEX[(uint8_t) value & 0xf];
}

/* Up to `room` characters from `from`, as they are without escapes. */
static size_t copy_chars(const Text *text, size_t from, size_t to, char *ret_copy, size_t room)
{
  size_t len = MIN(to - from, room);

  for (size_t i = 0; i < len; i++)
    ret_copy[i] = (char) text->chars[from + i].c;
  return len;
}

static void put_chars(Text *text, size_t from, const char *copy, size_t len)
{
  for (size_t i = 0; i < len; i++)
    put_char(text, from + i, copy[i]);
}

/* --- Addresses -------------------------------------------------------------------------------- */

/* Where the run of what IPv4 or IPv6 addresses are made of ends. */
static size_t address_end(const Text *text, size_t from)
{
  size_t to = from, limit = MIN(text->count, from + ADDRESS_MAX);

  while (to < limit && (g_ascii_isxdigit(char_at(text, to)) || is_in(".:", char_at(text, to))))
    to++;
  return to;
}

/* Replaces the longest address that begins here; returns where it ends, or `from`. */
static size_t take_address(Text *text, size_t from)
{
  char copy[ADDRESS_MAX];

  for (size_t to = address_end(text, from); to > from + 1; to--) {
    /* A port may follow, or a full stop, but no other part of a word. */
    if (is_word_char(char_at(text, to)) ||
        (char_at(text, to) == '.' && is_word_char(char_at(text, to + 1))))
      continue;
    size_t len = copy_chars(text, from, to, copy, sizeof copy);
    if (!pseudonyms_address_text(text->pseudonyms, copy, len))
      continue;
    put_chars(text, from, copy, len);
    return to;
  }
  return from;
}

static bool may_begin_address(const Text *text, size_t i)
{
  uint8_t before = i > 0 ? char_at(text, i - 1) : 0, c = char_at(text, i);

  if (!(g_ascii_isxdigit(c) || (c == ':' && char_at(text, i + 1) == ':')))
    return false;
  return !is_word_char(before) && before != '.';
}

/* --- Words ------------------------------------------------------------------------------------ */

static size_t word_end(const Text *text, size_t from)
{
  while (is_word_char(char_at(text, from)) && from < text->count)
    from++;
  return from;
}

static size_t after_blanks(const Text *text, size_t i)
{
  while (i < text->count && sip_char_is((char) char_at(text, i), SIP_CHAR_BLANK))
    i++;
  return i;
}

static void replace(Text *text, size_t from, size_t to)
{
  char copy[PSEUDONYM_WORD_MAX];

  while (from < to) {
    size_t len = copy_chars(text, from, to, copy, sizeof copy);
    /* No character of UTF-8 is cut. */
    while (from + len < to && len > sizeof copy - 4 && (char_at(text, from + len) & 0xc0) == 0x80)
      len--;
    pseudonyms_word(text->pseudonyms, copy, len);
    put_chars(text, from, copy, len);
    from += len;
  }
}

/* A port comes after a host, and before anything that ends one. */
static bool is_port(const Text *text, size_t from, size_t to)
{
  enum { DIGITS = 5 };
  char before = from >= 2 ? (char) char_at(text, from - 2) : 0;
  size_t host = from >= 2 ? from - 1 : 0;

  if (from < 2 || char_at(text, from - 1) != ':' || to - from > DIGITS)
    return false;
  for (size_t i = from; i < to; i++)
    if (!g_ascii_isdigit(char_at(text, i)))
      return false;
  if (!is_word_char((uint8_t) before) && before != ']')
    return false;
  while (host > 0 && is_word_char(char_at(text, host - 1)))
    host--;
  char scheme[8];
  size_t len = copy_chars(text, host, from - 1, scheme, sizeof scheme);
  return !IS_ONE_OF(SCHEMES, slice_of(scheme, len)) &&
         is_in(" \t\r\n;>,?&/\"')", char_at(text, to));
}

static bool is_scheme(const Text *text, size_t from, size_t to, Slice word)
{
  uint8_t before = from > 0 ? char_at(text, from - 1) : 0;

  return char_at(text, to) == ':' && is_in("<,;=\" \t\r\n:'(>?&", before) &&
         IS_ONE_OF(SCHEMES, word);
}

static bool is_top_domain(const Text *text, size_t from, size_t to, Slice word)
{
  bool is_last = to >= text->count || !strchr("-._", (char) char_at(text, to));

  return is_last && from > 0 && char_at(text, from - 1) == '.' && IS_ONE_OF(TOP_DOMAINS, word);
}

/* The end of a value that stays: of a quoted string, or before the next parameter. */
static size_t value_end(const Text *text, size_t i)
{
  bool is_quoted = char_at(text, i) == '"';

  for (i += is_quoted; i < text->count; i++) {
    if (is_quoted ? char_at(text, i) == '"' : is_in(";,>&? \t\r\n", char_at(text, i)))
      break;
  }
  return i;
}

/* The characters that names of parameters have, beside those of words. */
static size_t name_end(const Text *text, size_t i)
{
  while (i < text->count && (g_ascii_isalnum(char_at(text, i)) || strchr("-._+", char_at(text, i))))
    i++;
  return i;
}

/*
 * A parameter begins after its separator: *ret_name is its name; with a value that stays, or
 * without one, it ends where *ret_end says.  False if what is here is none.
 */
static bool take_parameter(Text *text, size_t from, size_t *ret_end)
{
  char name[24];
  size_t begin = after_blanks(text, from), to = name_end(text, begin);
  size_t equals = after_blanks(text, to);
  Slice word = slice_of(name, copy_chars(text, begin, to, name, sizeof name));

  if (to == begin)
    return false;
  if (char_at(text, equals) != '=') { /* a flag, unless it is part of a user */
    *ret_end = to;
    return is_in(";,>&? \t\r\n\"", char_at(text, to)) && to - begin < sizeof name;
  }
  text->is_id =
    slice_eq_nocase(word, SLICE("replaces")) || slice_eq_nocase(word, SLICE("call-id")) ||
    slice_eq_nocase(word, SLICE("target-dialog")) || slice_eq_nocase(word, SLICE("join"));
  size_t value = after_blanks(text, equals + 1);
  *ret_end = IS_ONE_OF(PLAIN_VALUES, word) ? value_end(text, value) : value;
  return true;
}

/* What its place says: this word stays. */
static bool stays(const Text *text, size_t from, size_t to)
{
  char copy[16];
  Slice word = slice_of(copy, copy_chars(text, from, to, copy, sizeof copy));

  return is_port(text, from, to) ||
         (to - from <= sizeof copy &&
          (is_scheme(text, from, to, word) || is_top_domain(text, from, to, word) ||
           IS_ONE_OF(NOBODY, word)));
}

/* In prose: is the word part of what has an "@" or of a dotted host, or a long number? */
static bool is_named_in_prose(const Text *text, size_t from, size_t to)
{
  enum { LONG_NUMBER = 7 };
  static const char TOKEN[] = "-._+%~!*";
  size_t begin = from, end = to, dots = 0, digits = 0;

  while (begin > 0 && from - begin < 128 &&
         (is_word_char(char_at(text, begin - 1)) || strchr(TOKEN, char_at(text, begin - 1)) ||
          char_at(text, begin - 1) == '@'))
    begin--;
  while (end < text->count && end - to < 128 &&
         (is_word_char(char_at(text, end)) || strchr(TOKEN, char_at(text, end)) ||
          char_at(text, end) == '@'))
    end++;
  bool has_at = false;
  for (size_t i = begin; i < end; i++) {
    uint8_t c = char_at(text, i);
    has_at |= c == '@';
    dots += c == '.' && i > begin && i + 1 < end && g_ascii_isalpha(char_at(text, i - 1)) &&
            g_ascii_isalpha(char_at(text, i + 1));
  }
  for (size_t i = from; i < to; i++)
    digits += g_ascii_isdigit(char_at(text, i)) != 0;
  return has_at || dots >= 2 || (digits == to - from && digits >= LONG_NUMBER) ||
         (begin > 0 && char_at(text, begin - 1) == ':');
}

enum { NAME_MIN = 4 }; /* shorter words may be others */

/* Words of addresses name somebody wherever they are. */
static void note_name(Text *text, size_t from, size_t to)
{
  char copy[PSEUDONYM_WORD_MAX];

  if (text->rules & MASK_NAMES && to - from >= NAME_MIN && to - from <= sizeof copy)
    pseudonyms_note_name(text->pseudonyms, copy, copy_chars(text, from, to, copy, sizeof copy));
}

static bool is_known_name(const Text *text, size_t from, size_t to)
{
  char copy[PSEUDONYM_WORD_MAX];

  return !(text->rules & MASK_SOFTWARE) && to - from >= NAME_MIN && to - from <= sizeof copy &&
         pseudonyms_is_name(text->pseudonyms, copy, copy_chars(text, from, to, copy, sizeof copy));
}

static size_t take_word(Text *text, size_t from)
{
  static const char COOKIE[] = "z9hg4bk";
  char head[sizeof COOKIE - 1];
  size_t to = word_end(text, from);
  Slice word = slice_of(head, copy_chars(text, from, to, head, sizeof head));

  if (word.len == sizeof head && slice_eq_nocase(word, SLICE("z9hg4bk")))
    from += sizeof head; /* RFC 3261 8.1.1.7 */
  if (from == to || stays(text, from, to))
    return to;
  if (!(text->rules & MASK_PROSE) || is_named_in_prose(text, from, to) ||
      is_known_name(text, from, to)) {
    note_name(text, from, to);
    replace(text, from, to);
  }
  return to;
}

/* Where what stays before the first parameter ends. */
static size_t head_end(const Text *text)
{
  size_t i = after_blanks(text, 0);

  if (text->rules & MASK_FIRST_WORD)
    while (i < text->count && !is_in(" \t\r\n;,", char_at(text, i)))
      i++;
  return text->rules & MASK_FIRST_WORD ? i : 0;
}

/* "SIP / 2.0 / UDP " at the beginning of a value of Via. */
static size_t protocol_end(const Text *text, size_t from)
{
  size_t i = after_blanks(text, from);

  for (unsigned part = 0; part < 3; part++) {
    while (i < text->count && !is_in("/ \t\r\n,;", char_at(text, i)))
      i++;
    size_t slash = after_blanks(text, i);
    if (part == 2)
      break;
    if (char_at(text, slash) != '/')
      return from;
    i = after_blanks(text, slash + 1);
  }
  return i;
}

static bool begins_parameter(const Text *text, size_t i)
{
  if (text->is_id && char_at(text, i) != ';')
    return false;
  return is_in(";?&", char_at(text, i)) ||
         (text->rules & (MASK_FIRST_WORD | MASK_PARAMETERS) && is_in(", ", char_at(text, i)));
}

static void replace_words(Text *text)
{
  size_t i = head_end(text);

  if (text->rules & MASK_PROTOCOL)
    i = protocol_end(text, i);
  if (text->rules & MASK_PARAMETERS)
    (void) take_parameter(text, i, &i);
  while (i < text->count) {
    size_t end = i;
    if (may_begin_address(text, i) && (end = take_address(text, i)) > i) {
      i = end;
    } else if (is_word_char(char_at(text, i))) {
      i = take_word(text, i);
    } else if (text->rules & MASK_PROTOCOL && char_at(text, i) == ',') {
      i = protocol_end(text, i + 1);
    } else if (text->rules & MASK_NAMES && begins_parameter(text, i) && char_at(text, i) != 0) {
      text->is_id = false;
      i = take_parameter(text, i + 1, &end) ? end : i + 1;
    } else {
      i++;
    }
  }
}

void mask_text(Pseudonyms *pseudonyms, char *bytes, size_t len, unsigned rules)
{
  Text text = {.pseudonyms = pseudonyms, .text = bytes, .rules = rules};

  take_chars(&text, len);
  text.is_id = rules & MASK_CALL_ID;
  replace_words(&text);
  g_free(text.chars);
}

void mask_blank(char *text, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!slice_is_blank(text[i]))
      text[i] = 'x';
}
