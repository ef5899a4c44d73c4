/* One test of a display filter: its field, its operator, its values. */
#include "dissect/query/filter_parser.h"

/*
 * Text from the network is matched by patterns that users paste: one that backtracks for ever
 * gives up here.  In front of the pattern (PCRE2's pcre2pattern(3)).
 */
#define PATTERN_LIMIT "(*LIMIT_MATCH=1000000)"

static bool is_name_char(char c)
{
  return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

/* call.duraton and header[...] are meant as fields, 10.0.0.1 and alice@example.com as text. */
static bool looks_like_field(Slice word)
{
  size_t end = slice_find(word, '[');
  bool has_dot = slice_find(word, '.') < word.len;

  if (word.len == 0 || !g_ascii_isalpha(word.data[0]))
    return false;
  for (size_t i = 0; i < end; i++)
    if (!is_name_char(word.data[i]))
      return false;
  return has_dot || end < word.len;
}

static bool is_key(Slice word)
{
  FieldRef ref;

  return field_find(word) || (field_ref_parse(&word, &ref, NULL) && word.len == 0);
}

static bool fail_unknown(FilterParser *p, const FilterToken *token)
{
  const char *near = field_nearest(token->text);
  bool compared = token[1].kind == TOKEN_OPERATOR;

  if (near)
    return filter_fail(p->error, p->text, token->at,
                       "no field is called \"%.*s\": did you mean %s?", FILTER_QUOTE(token->text),
                       near);
  return filter_fail(p->error, p->text, token->at, "no field is called \"%.*s\"%s",
                     FILTER_QUOTE(token->text),
                     compared ? "" : "; text to search for wants quotes");
}

static bool parse_field(FilterParser *p, const FilterToken *token, FieldRef *ref)
{
  Slice rest = token->text;
  g_autoptr(GError) error = NULL;
  bool ok = field_ref_parse(&rest, ref, &error);

  if (ok && rest.len == 0)
    return true;
  if (slice_find(token->text, '[') == token->text.len && !field_find(token->text))
    return fail_unknown(p, token);
  if (!ok)
    return filter_fail(p->error, p->text, token->at, "%s", error->message);
  return filter_fail(p->error, p->text, (size_t) (rest.data - p->text.data),
                     "\"%.*s\" has nothing to say behind a field", FILTER_QUOTE(rest));
}

static char escaped(char c)
{
  static const char NAMES[] = "nrt\"'\\", CHARS[] = "\n\r\t\"'\\";
  const char *name = c != '\0' ? strchr(NAMES, c) : NULL;

  return name ? CHARS[name - NAMES] : '\0';
}

/* The octet of \xNN, else negative. */
static int hex_escape(Slice s)
{
  if (s.len < 4 || s.data[1] != 'x' || !g_ascii_isxdigit(s.data[2]) || !g_ascii_isxdigit(s.data[3]))
    return -1;
  return g_ascii_xdigit_value(s.data[2]) * 16 + g_ascii_xdigit_value(s.data[3]);
}

/* The text without its escapes. */
static bool unescape(FilterParser *p, Slice text, Slice *ret_text)
{
  char *plain = arena_alloc(p->arena, text.len + 1);
  size_t len = 0;

  for (size_t i = 0; i < text.len; i++) {
    Slice rest = slice_from(text, i);
    int hex = hex_escape(rest);

    plain[len] = text.data[i];
    if (text.data[i] == '\\') {
      plain[len] = hex >= 0 ? (char) hex : escaped(text.data[i + 1]);
      if (plain[len] == '\0' && hex < 0)
        return filter_fail(p->error, p->text, (size_t) (rest.data - p->text.data),
                           "unknown escape: \\\" \\' \\\\ \\n \\r \\t and \\xNN are known");
      i += hex >= 0 ? 3 : 1;
    }
    len++;
  }
  *ret_text = slice_of(plain, len);
  return true;
}

static bool is_value(const FilterToken *token)
{
  return token->kind == TOKEN_TEXT || token->is_word;
}

static bool fail_value(FilterParser *p, const FilterToken *token, const Field *field)
{
  bool nothing = token->kind == TOKEN_END;

  if (token->kind == TOKEN_OPEN_LIST)
    return filter_fail(p->error, p->text, token->at, "a list in { } goes with \"in\"");
  return filter_fail(p->error, p->text, token->at, "%s wants %s such as %s%s%.*s%s", field->key,
                     filter_type_name(field->type), filter_type_examples(field->type),
                     nothing ? "" : ", not \"", FILTER_QUOTE(token->text), nothing ? "" : "\"");
}

static bool has_dots_at(Slice s, bool at_end)
{
  return at_end ? s.len >= 2 && slice_eq(slice_from(s, s.len - 2), SLICE(".."))
                : slice_starts_with(s, SLICE(".."));
}

/* 2026-01-02 15:04:05 and 400 .. 499 are one value of several words. */
static bool goes_on(const FilterParser *p, const FilterToken *token, FieldType type)
{
  const FilterToken *next = filter_peek(p);

  if (next->kind != TOKEN_WORD || token->kind != TOKEN_WORD || !filter_type_has(type, FILTER_LESS))
    return false;
  bool clock = type == FIELD_TIME && g_ascii_isdigit(next->text.data[0]);
  return clock || has_dots_at(next->text, false) || has_dots_at(token->text, true);
}

static Slice take_words(FilterParser *p, const FilterToken *token, FieldType type)
{
  const FilterToken *last = token;

  while (goes_on(p, last, type))
    last = filter_take(p);
  return slice_of(token->text.data, (size_t) (last->text.data + last->text.len - token->text.data));
}

/* An unquoted word on the right that is a field's key: meant as one, which cannot be. */
static bool is_field_too(const FilterToken *token)
{
  return token->kind == TOKEN_WORD && looks_like_field(token->text) && is_key(token->text);
}

static bool take_text(FilterParser *p, const FilterTest *test, Slice *ret_text)
{
  const FilterToken *token = filter_take(p);
  const Field *field = test->ref.field;

  if (!is_value(token))
    return fail_value(p, token, field);
  if (is_field_too(token))
    return filter_fail(p->error, p->text, token->at,
                       "fields are compared with values, not with fields; as text \"%.*s\" wants "
                       "quotes",
                       FILTER_QUOTE(token->text));
  *ret_text = take_words(p, token, field->type);
  return token->kind != TOKEN_TEXT || unescape(p, token->text, ret_text);
}

static bool is_known_word(const char *const *words, Slice word)
{
  for (size_t i = 0; words[i]; i++)
    if (slice_eq_nocase(word, slice_from_string(words[i])))
      return true;
  return false;
}

/* What the field can never be would choose nothing, and look like an answer. */
static bool check_word(FilterParser *p, const FilterToken *token, const Field *field, Slice word)
{
  const char *const *words = field_words(field);

  if (!words || is_known_word(words, word))
    return true;
  g_autofree char *all = g_strjoinv(", ", (char **) (uintptr_t) words);
  return filter_fail(p->error, p->text, token->at, "%s is never \"%.*s\" but one of %s", field->key,
                     FILTER_QUOTE(word), all);
}

static bool take_value(FilterParser *p, const FilterTest *test, FilterValue *ret_value)
{
  const FilterToken *token = filter_peek(p);
  const Field *field = test->ref.field;
  Slice text;

  if (!take_text(p, test, &text))
    return false;
  if (test->op != FILTER_EQUAL && filter_value_is_range(field->type, text))
    return filter_fail(p->error, p->text, token->at, "a range goes with ==, != and in");
  if (!filter_value_parse(field->type, text, ret_value))
    return fail_value(p, token, field);
  return check_word(p, token, field, text);
}

static void set_values(FilterParser *p, FilterTest *test, const GArray *values)
{
  test->values = arena_copy(p->arena, values->data, values->len * sizeof(FilterValue));
  test->value_count = values->len;
}

static bool take_one_value(FilterParser *p, FilterTest *test)
{
  FilterValue value;

  if (!take_value(p, test, &value))
    return false;
  test->values = arena_new(p->arena, FilterValue);
  test->value_count = 1;
  *test->values = value;
  return true;
}

/* {486, 600, 500..599} */
static bool take_list(FilterParser *p, FilterTest *test)
{
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(FilterValue));
  const FilterToken *token = filter_take(p);
  FilterValue value;

  if (token->kind != TOKEN_OPEN_LIST)
    return filter_fail(p->error, p->text, token->at, "\"in\" wants a list such as {486, 600}");
  do {
    if (!take_value(p, test, &value))
      return false;
    g_array_append_val(values, value);
    token = filter_take(p);
  } while (token->kind == TOKEN_COMMA);
  if (token->kind != TOKEN_CLOSE_LIST)
    return filter_fail(p->error, p->text, token->at, "a comma or } should stand here");
  set_values(p, test, values);
  return true;
}

static bool take_search(FilterParser *p, FilterTest *test)
{
  size_t at = filter_peek(p)->at;
  Slice needle;

  if (!take_text(p, test, &needle))
    return false;
  if (needle.len == 0)
    return filter_fail(p->error, p->text, at, "\"contains\" wants some text");
  test->search = text_search_new(p->arena, needle);
  return true;
}

/* Octets of the pattern itself, without the limit in front of it. */
static size_t pattern_place(const char *message)
{
  const char *at = g_strrstr(message, "at char ");
  uint64_t place = at ? g_ascii_strtoull(at + strlen("at char "), NULL, 10) : 0;

  return place > strlen(PATTERN_LIMIT) ? (size_t) place - strlen(PATTERN_LIMIT) : 0;
}

/* "Error while compiling regular expression PATTERN at char N: REASON" */
static bool fail_pattern(FilterParser *p, const FilterToken *token, const char *message)
{
  size_t place = MIN(pattern_place(message), token->text.len);
  const char *reason = strrchr(message, ':');

  return filter_fail(p->error, p->text, token->at + (token->kind == TOKEN_TEXT) + place,
                     "this is no regular expression%s", reason ? reason : "");
}

/* As it stands: escapes are the pattern's own, and those of quotes mean the same in it. */
static bool take_pattern(FilterParser *p, FilterTest *test)
{
  const FilterToken *token = filter_take(p);
  g_autoptr(GError) error = NULL;

  if (!is_value(token))
    return fail_value(p, token, test->ref.field);
  g_autofree char *text = slice_dup(token->text);
  g_autofree char *pattern = g_strconcat(PATTERN_LIMIT, text, NULL);
  /* RAW: octets from the network need not be UTF-8. */
  test->regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &error);
  if (!test->regex)
    return fail_pattern(p, token, error->message);
  g_ptr_array_add(p->regexes, test->regex);
  return true;
}

static bool take_right_side(FilterParser *p, FilterTest *test)
{
  if (test->op == FILTER_CONTAINS)
    return take_search(p, test);
  if (test->op == FILTER_MATCHES)
    return take_pattern(p, test);
  if (test->op != FILTER_IN)
    return take_one_value(p, test);
  test->op = FILTER_EQUAL;
  return take_list(p, test);
}

static bool fail_operator(FilterParser *p, const FilterToken *token, const Field *field)
{
  const char *hint = field->type == FIELD_ADDRESS ? "; == takes networks too: 10.0.0.0/8" : "";

  return filter_fail(p->error, p->text, token->at, "%s is %s: it has no \"%.*s\"%s", field->key,
                     filter_type_name(field->type), FILTER_QUOTE(token->text), hint);
}

/* not in, not contains, not matches */
static bool take_not(FilterParser *p)
{
  const FilterToken *token = filter_peek(p);

  if (token->kind != TOKEN_NOT || !token->is_word || token[1].kind != TOKEN_OPERATOR)
    return false;
  filter_take(p);
  return true;
}

static bool parse_comparison(FilterParser *p, FilterTest *test)
{
  const FilterToken *token = filter_take(p);

  if (!parse_field(p, token, &test->ref))
    return false;
  test->negated = take_not(p);
  token = filter_peek(p);
  if (token->kind != TOKEN_OPERATOR)
    return true;
  filter_take(p);
  if (!filter_type_has(test->ref.field->type, token->op))
    return fail_operator(p, token, test->ref.field);
  test->op = token->op;
  if (test->op == FILTER_UNEQUAL) {
    test->op = FILTER_EQUAL;
    test->negated = !test->negated;
  }
  return take_right_side(p, test);
}

/* A text by itself is looked for in all octets of a message. */
static bool parse_search(FilterParser *p, FilterTest *test)
{
  const FilterToken *token = filter_take(p);
  Slice needle = token->text;

  if (filter_peek(p)->kind == TOKEN_OPERATOR)
    return filter_fail(p->error, p->text, token->at,
                       "a text cannot be compared: a field should stand here");
  if (token->kind == TOKEN_TEXT && !unescape(p, token->text, &needle))
    return false;
  if (needle.len == 0)
    return filter_fail(p->error, p->text, token->at, "there is nothing to search for in \"\"");
  test->ref = (FieldRef){.field = field_find(SLICE("message.text"))};
  test->op = FILTER_CONTAINS;
  test->search = text_search_new(p->arena, needle);
  return true;
}

static bool is_field(const FilterToken *token)
{
  return token->kind == TOKEN_WORD &&
         (token[1].kind == TOKEN_OPERATOR || looks_like_field(token->text) || is_key(token->text));
}

bool filter_parse_test(FilterParser *p, FilterNode **ret_node)
{
  FilterTest *test = arena_new(p->arena, FilterTest);
  bool ok = is_field(filter_peek(p)) ? parse_comparison(p, test) : parse_search(p, test);

  if (ok)
    *ret_node = filter_node_new_test(p->arena, test);
  return ok;
}
