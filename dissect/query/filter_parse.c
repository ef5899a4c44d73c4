#include "dissect/query/filter_parse.h"

#include "capture/language.h"
#include "dissect/sip/sip_names.h"

/* --- Nodes ----------------------------------------------------------------------------------- */

FilterNode *filter_node_new(Arena *arena, FilterKind kind)
{
  FilterNode *node = arena_new(arena, FilterNode);

  node->kind = kind;
  node->narrows = kind == NODE_OR; /* until an operand does not */
  return node;
}

FilterNode *filter_node_new_test(Arena *arena, const FilterTest *test)
{
  FilterNode *node = filter_node_new(arena, NODE_TEST);
  const Field *field = test->ref.field;

  node->test = test;
  node->needs_octets = field->needs_octets || test->rows;
  node->needs_media = field->needs_media;
  node->reads_rows = test->rows != NULL;
  node->has_call = field->scope == FIELD_OF_CALL;
  node->has_message = field->scope == FIELD_OF_MESSAGE;
  node->has_either = field->scope == FIELD_OF_EITHER;
  node->narrows = !test->negated;
  node->names = node->has_message && !test->negated;
  node->picks = node->names;
  return node;
}

void filter_node_add(FilterNode *node, FilterNode *operand)
{
  bool same = operand->kind == node->kind && (node->kind == NODE_AND || node->kind == NODE_OR);
  FilterNode *first = same ? operand->first : operand;
  FilterNode *last = same ? operand->last : operand;

  bool is_or = node->kind == NODE_OR;
  node->needs_octets |= operand->needs_octets;
  node->needs_media |= operand->needs_media;
  node->has_loop |= operand->has_loop;
  node->reads_rows |= operand->reads_rows;
  node->has_call |= operand->has_call;
  node->has_message |= operand->has_message;
  node->has_either |= operand->has_either;
  node->has_not |= operand->has_not || node->kind == NODE_NOT;
  node->names |= operand->names;
  node->narrows = is_or ? node->narrows && operand->narrows : node->narrows || operand->narrows;
  node->picks = is_or ? node->narrows && node->names : node->picks || operand->picks;
  if (node->kind == NODE_ANY || node->kind == NODE_ALL) {
    /* what is inside is tested on messages, not on what the filter is for */
    node->has_loop = true;
    node->has_call = true;
    node->has_message = node->has_either = node->has_not = false;
  }
  if (node->last)
    node->last->next = first;
  else
    node->first = first;
  node->last = last;
}

/* --- Tokens ---------------------------------------------------------------------------------- */

typedef struct {
  Arena *arena;
  GPtrArray *patterns; /* owns them */
  Slice text;          /* the expression, in the arena */
  const FilterToken *tokens;
  size_t next;
  unsigned depth;
  bool in_loop; /* inside of any() or all() */
  const FilterText *of;
  GError **error;
} Parser;

static const FilterToken *peek(const Parser *p)
{
  return &p->tokens[p->next];
}

/* The last token, END, is never passed. */
static const FilterToken *take_token(Parser *p)
{
  const FilterToken *token = peek(p);

  p->next += token->kind != TOKEN_END;
  return token;
}

/* --- One test: its field, its operator, its values ------------------------------------------- */

/* call.duraton and header[...] are meant as fields, 10.0.0.1 and alice@example.com as text. */
static bool looks_like_field(Slice word)
{
  size_t end = slice_find(word, '[');
  bool has_dot = slice_find(word, '.') < word.len;

  if (word.len == 0 || !g_ascii_isalpha(word.data[0]))
    return false;
  for (size_t i = 0; i < end; i++)
    if (!g_ascii_isalnum(word.data[i]) && !memchr("._-", word.data[i], 3))
      return false;
  return has_dot || end < word.len;
}

static bool is_key(Slice word)
{
  FieldRef ref;

  return field_find(word) || (field_ref_parse(&word, &ref, NULL) && word.len == 0);
}

static bool fail_unknown_word(Parser *p, const FilterToken *token)
{
  const char *near = field_nearest(token->text);
  bool compared = token[1].kind == TOKEN_OPERATOR;

  if (near)
    return filter_fail(p->error, p->text, token->at, "unknown field \"%.*s\"; did you mean %s?",
                       FILTER_QUOTE(token->text), near);
  return filter_fail(p->error, p->text, token->at, "unknown field \"%.*s\"%s",
                     FILTER_QUOTE(token->text), compared ? "" : _("; quote text to search for"));
}

static bool check_scope(Parser *p, const FilterToken *token, const Field *field)
{
  bool is_of_streams = field->scope == FIELD_OF_STREAM;

  if (is_of_streams == p->of->for_streams)
    return true;
  return filter_fail(p->error, p->text, token->at,
                     is_of_streams ? N_("%s is a field of streams: only 'rung streams' takes it")
                                   : N_("%s is not a field of streams"),
                     field->key);
}

static bool parse_field(Parser *p, const FilterToken *token, FieldRef *ref)
{
  Slice rest = token->text;
  g_autoptr(GError) error = NULL;
  bool ok = field_ref_parse(&rest, ref, &error);

  if (ok && rest.len == 0)
    return check_scope(p, token, ref->field);
  if (slice_find(token->text, '[') == token->text.len && !field_find(token->text))
    return fail_unknown_word(p, token);
  if (!ok)
    return filter_fail(p->error, p->text, token->at, "%s", error->message);
  return filter_fail(p->error, p->text, (size_t) (rest.data - p->text.data),
                     "unexpected \"%.*s\" after a field", FILTER_QUOTE(rest));
}

static char escaped(char c)
{
  static const char NAMES[] = "nrt\"'\\", CHARS[] = "\n\r\t\"'\\";
  const char *name = c != '\0' ? strchr(NAMES, c) : NULL;

  return name ? CHARS[name - NAMES] : '\0';
}

/* The byte of \xNN, else negative. */
static int hex_escape(Slice s)
{
  if (s.len < 4 || s.data[1] != 'x' || !g_ascii_isxdigit(s.data[2]) || !g_ascii_isxdigit(s.data[3]))
    return -1;
  return g_ascii_xdigit_value(s.data[2]) * 16 + g_ascii_xdigit_value(s.data[3]);
}

/* The text without its escapes. */
static bool unescape(Parser *p, Slice text, Slice *ret_text)
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
                           "unknown escape; use \\\" \\' \\\\ \\n \\r \\t or \\xNN");
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

static bool fail_test_value(Parser *p, const FilterToken *token, const Field *field)
{
  bool nothing = token->kind == TOKEN_END;

  if (token->kind == TOKEN_OPEN_LIST)
    return filter_fail(p->error, p->text, token->at, "use \"in\" with a list in { }");
  return filter_fail(p->error, p->text, token->at, "%s needs %s such as %s%s%.*s%s", field->key,
                     filter_type_name(field->type), filter_type_examples(field->type),
                     nothing ? "" : _(", not \""), FILTER_QUOTE(token->text), nothing ? "" : "\"");
}

static bool has_dots_at(Slice s, bool at_end)
{
  return at_end ? s.len >= 2 && slice_eq(slice_from(s, s.len - 2), SLICE(".."))
                : slice_starts_with(s, SLICE(".."));
}

/* 2026-01-02 15:04:05 and 400 .. 499 are one value of several words. */
static bool goes_on(const Parser *p, const FilterToken *token, FieldType type)
{
  const FilterToken *next = peek(p);

  if (next->kind != TOKEN_WORD || token->kind != TOKEN_WORD ||
      !filter_type_has(type, FILTER_OP_LESS))
    return false;
  bool clock = type == FIELD_TIME && g_ascii_isdigit(next->text.data[0]);
  return clock || has_dots_at(next->text, false) || has_dots_at(token->text, true);
}

/* An unquoted word on the right that is a field's key: it was meant as a field. */
static bool is_field_too(const FilterToken *token)
{
  return token->kind == TOKEN_WORD && looks_like_field(token->text) && is_key(token->text);
}

static bool take_test_text(Parser *p, const FilterTest *test, Slice *ret_text)
{
  const FilterToken *token = take_token(p);
  const Field *field = test->ref.field;

  if (!is_value(token))
    return fail_test_value(p, token, field);
  if (is_field_too(token))
    return filter_fail(p->error, p->text, token->at,
                       "cannot compare a field with a field; quote \"%.*s\" to compare with text",
                       FILTER_QUOTE(token->text));
  const FilterToken *last = token;
  while (goes_on(p, last, field->type))
    last = take_token(p);
  *ret_text =
    slice_of(token->text.data, (size_t) (last->text.data + last->text.len - token->text.data));
  return token->kind != TOKEN_TEXT || unescape(p, token->text, ret_text);
}

static bool is_known_word(const char *const *words, Slice word)
{
  for (size_t i = 0; words[i]; i++)
    if (slice_eq_nocase(word, slice_from_string(words[i])))
      return true;
  return false;
}

static bool take_value(Parser *p, const FilterTest *test, FilterValue *ret_value)
{
  const FilterToken *token = peek(p);
  const Field *field = test->ref.field;
  Slice text;

  if (!take_test_text(p, test, &text))
    return false;
  if (test->op != FILTER_OP_EQUAL && filter_value_is_range(field->type, text))
    return filter_fail(p->error, p->text, token->at, "use a range only with ==, != and in");
  if (!filter_value_parse(field->type, text, ret_value))
    return fail_test_value(p, token, field);
  /* A word that the field can never be would match nothing, and look like an answer. */
  const char *const *words = field_words(field);
  if (!words || is_known_word(words, text))
    return true;
  g_autofree char *all = g_strjoinv(", ", (char **) (uintptr_t) words);
  return filter_fail(p->error, p->text, token->at, "%s is never \"%.*s\"; expected one of %s",
                     field->key, FILTER_QUOTE(text), all);
}

static bool take_one_value(Parser *p, FilterTest *test)
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
static bool take_list(Parser *p, FilterTest *test)
{
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(FilterValue));
  const FilterToken *token = take_token(p);
  FilterValue value;

  if (token->kind != TOKEN_OPEN_LIST)
    return filter_fail(p->error, p->text, token->at, "\"in\" needs a list such as {486, 600}");
  do {
    if (!take_value(p, test, &value))
      return false;
    g_array_append_val(values, value);
    token = take_token(p);
  } while (token->kind == TOKEN_COMMA);
  if (token->kind != TOKEN_CLOSE_LIST)
    return filter_fail(p->error, p->text, token->at, "expected a comma or }");
  test->values = arena_copy(p->arena, values->data, values->len * sizeof(FilterValue));
  test->value_count = values->len;
  return true;
}

static bool take_search(Parser *p, FilterTest *test)
{
  size_t at = peek(p)->at;
  Slice needle;

  if (!take_test_text(p, test, &needle))
    return false;
  if (needle.len == 0)
    return filter_fail(p->error, p->text, at, "\"contains\" needs some text");
  test->search = text_search_new(p->arena, needle);
  return true;
}

/* "Error while compiling regular expression PATTERN at char N: REASON" */
static bool fail_pattern(Parser *p, const FilterToken *token, const char *message)
{
  const char *at = g_strrstr(message, "at char "), *reason = strrchr(message, ':');
  uint64_t place = at ? g_ascii_strtoull(at + strlen("at char "), NULL, 10) : 0;

  /* in what was typed, without the limit before it */
  place = place > strlen(FILTER_PATTERN_LIMIT) ? place - strlen(FILTER_PATTERN_LIMIT) : 0;
  return filter_fail(p->error, p->text,
                     token->at + (token->kind == TOKEN_TEXT) + MIN((size_t) place, token->text.len),
                     "invalid regular expression%s", reason ? reason : "");
}

/* Unchanged: escapes are the pattern's own, and those of quotes mean the same in it. */
static bool take_pattern(Parser *p, FilterTest *test)
{
  const FilterToken *token = take_token(p);
  g_autoptr(GError) error = NULL;

  if (!is_value(token))
    return fail_test_value(p, token, test->ref.field);
  g_autofree char *text = slice_dup(token->text);
  test->pattern = filter_pattern_new(text, &error);
  if (!test->pattern)
    return fail_pattern(p, token, error->message);
  g_ptr_array_add(p->patterns, test->pattern);
  return true;
}

static bool take_right_side(Parser *p, FilterTest *test)
{
  if (test->op == FILTER_OP_CONTAINS)
    return take_search(p, test);
  if (test->op == FILTER_OP_MATCHES)
    return take_pattern(p, test);
  if (test->op != FILTER_OP_IN)
    return take_one_value(p, test);
  test->op = FILTER_OP_EQUAL;
  return take_list(p, test);
}

static bool fail_operator(Parser *p, const FilterToken *token, const Field *field)
{
  const char *hint =
    field->type == FIELD_ADDRESS ? _("; use == with a network such as 10.0.0.0/8") : "";

  return filter_fail(p->error, p->text, token->at, "%s is %s, which cannot be used with \"%.*s\"%s",
                     field->key, filter_type_name(field->type), FILTER_QUOTE(token->text), hint);
}

/* not in, not contains, not matches */
static bool take_not(Parser *p)
{
  const FilterToken *token = peek(p);

  if (token->kind != TOKEN_NOT || !token->is_word || token[1].kind != TOKEN_OPERATOR)
    return false;
  take_token(p);
  return true;
}

static bool parse_comparison(Parser *p, FilterTest *test)
{
  const FilterToken *token = take_token(p);

  if (!parse_field(p, token, &test->ref))
    return false;
  test->negated = take_not(p);
  token = peek(p);
  if (token->kind != TOKEN_OPERATOR)
    return true;
  take_token(p);
  if (!filter_type_has(test->ref.field->type, token->op))
    return fail_operator(p, token, test->ref.field);
  test->op = token->op;
  if (test->op == FILTER_OP_UNEQUAL) {
    test->op = FILTER_OP_EQUAL;
    test->negated = !test->negated;
  }
  return take_right_side(p, test);
}

/* "state failed", "rows containing 'bob'" */
static void add_reading(Parser *p, const char *what, bool quotes, Slice word)
{
  enum { SHOWN_MAX = 40 };
  g_autofree char *shown = g_utf8_make_valid(word.data, (gssize) MIN(word.len, SHOWN_MAX));
  const char *quote = quotes ? "'" : "";

  g_strdelimit(shown, "\r\n\t", ' ');
  g_string_append_printf(p->of->reading, "%s%s %s%s%s", p->of->reading->len > 0 ? ", " : "", what,
                         quote, shown, quote);
}

/* Requests that begin calls are told by their kind: a call of another kind may have one as well. */
static const char *method_key(SipMethod method)
{
  static const SipMethod KINDS[] = {SIP_METHOD_INVITE,    SIP_METHOD_REGISTER, SIP_METHOD_OPTIONS,
                                    SIP_METHOD_SUBSCRIBE, SIP_METHOD_NOTIFY,   SIP_METHOD_PUBLISH,
                                    SIP_METHOD_MESSAGE};

  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
    if (KINDS[i] == method)
      return "call.kind";
  return "message.method";
}

/* A state, an outcome, a method or a class of statuses; false if it is none. */
static bool parse_meaning(Parser *p, Slice word, FilterTest *test)
{
  g_autofree char *upper = g_ascii_strup(word.data, (gssize) word.len);
  SipMethod method = sip_method_from_slice(slice_from_string(upper));
  const char *key, *reading;
  Slice value = word;

  if (slice_eq_nocase(word, SLICE("answered"))) { /* the State column says more than that */
    key = "call.outcome";
    reading = "outcome";
  } else if (is_known_word(field_words(field_find(SLICE("call.result"))), word)) {
    key = "call.result";
    reading = "state";
  } else if (sip_method_name(method)) {
    key = method_key(method);
    reading = strcmp(key, "call.kind") == 0 ? "kind" : "method";
    value = slice_from_string(sip_method_name(method));
  } else if (word.len == 3 && word.data[0] >= '1' && word.data[0] <= '6' &&
             slice_eq_nocase(slice_from(word, 1), SLICE("xx"))) {
    key = "call.status";
    reading = "status";
  } else {
    return false;
  }
  const Field *field = field_find(slice_from_string(key));
  FilterValue *parsed = arena_new(p->arena, FilterValue);
  if (!filter_value_parse(field->type, arena_dup(p->arena, value), parsed))
    return false;
  *test = (FilterTest){.ref = {.field = field}, .op = FILTER_OP_EQUAL, .values = parsed};
  test->value_count = 1;
  add_reading(p, reading, false, word);
  return true;
}

/* A word alone, on a list of calls. */
static void parse_row_word(Parser *p, Slice word, FilterTest *test)
{
  size_t star = slice_find(word, '*');

  if (parse_meaning(p, word, test))
    return;
  *test = (FilterTest){.ref = {.field = field_find(SLICE("call.number"))}, .rows = p->of->rows};
  if (star < word.len && word.len > 1) {
    /* 7927*: a whole word of a row, with anything in the place of the star. */
    g_autoptr(GString) pattern = g_string_new(NULL);
    Slice rest = word;
    if (word.data[0] != '*')
      g_string_append(pattern, "(?<![[:alnum:]])");
    while (rest.len > 0) {
      bool last = slice_find(rest, '*') == rest.len;
      Slice part = slice_cut(&rest, '*');
      g_autofree char *escaped_part = g_regex_escape_string(part.data, (int) part.len);
      g_string_append(pattern, escaped_part);
      if (!last)
        g_string_append(pattern, ".*");
    }
    if (word.data[word.len - 1] != '*')
      g_string_append(pattern, "(?![[:alnum:]])");
    test->op = FILTER_OP_MATCHES;
    test->pattern = filter_pattern_new(pattern->str, NULL);
    g_assert(test->pattern);
    g_ptr_array_add(p->patterns, test->pattern);
  } else {
    test->op = FILTER_OP_CONTAINS;
    test->search = text_search_new(p->arena, word);
  }
  add_reading(p, _("rows containing"), true, word);
}

/* A text by itself is searched for in all bytes of a message, and in what a compressed body is. */
static bool parse_search(Parser *p, FilterTest *test)
{
  const FilterToken *token = take_token(p);
  Slice needle = token->text;

  if (peek(p)->kind == TOKEN_OPERATOR)
    return filter_fail(p->error, p->text, token->at, "expected a field to compare, not text");
  if (token->kind == TOKEN_TEXT && !unescape(p, token->text, &needle))
    return false;
  if (needle.len == 0)
    return filter_fail(p->error, p->text, token->at, "nothing to search for: the text is empty");
  if (p->of->for_streams)
    return filter_fail(p->error, p->text, token->at,
                       "expected a field such as stream.lost: streams have no text");
  if (token->kind == TOKEN_WORD && p->of->rows && !p->in_loop) {
    parse_row_word(p, needle, test);
    return true;
  }
  const FilterWord word = {token->at, needle.len};
  if (token->kind == TOKEN_WORD && p->of->words && !p->in_loop)
    g_array_append_val(p->of->words, word);
  add_reading(p, _("messages containing"), true, needle);
  test->ref = (FieldRef){.field = field_find(SLICE("message.text"))};
  test->also = field_decoded_content();
  test->op = FILTER_OP_CONTAINS;
  test->search = text_search_new(p->arena, needle);
  return true;
}

static bool is_field(const FilterToken *token)
{
  return token->kind == TOKEN_WORD &&
         (token[1].kind == TOKEN_OPERATOR || looks_like_field(token->text) || is_key(token->text));
}

static bool parse_test(Parser *p, FilterNode **ret_node)
{
  FilterTest *test = arena_new(p->arena, FilterTest);
  bool ok = is_field(peek(p)) ? parse_comparison(p, test) : parse_search(p, test);

  if (ok)
    *ret_node = filter_node_new_test(p->arena, test);
  return ok;
}

/* --- How tests are joined -------------------------------------------------------------------- */

static bool parse_or(Parser *p, FilterNode **ret_node);

static bool enter(Parser *p, const FilterToken *token)
{
  if (p->depth == FILTER_DEPTH_MAX)
    return filter_fail(p->error, p->text, token->at, "nested more than %d deep", FILTER_DEPTH_MAX);
  p->depth++;
  return true;
}

/* What is between parentheses. */
static bool parse_inside(Parser *p, FilterNode **ret_node)
{
  const FilterToken *open = take_token(p);

  if (!enter(p, open) || !parse_or(p, ret_node))
    return false;
  p->depth--;
  if (peek(p)->kind != TOKEN_CLOSE)
    return filter_fail(p->error, p->text, peek(p)->at, "missing ) for the ( at character %zu",
                       open->at + 1);
  take_token(p);
  return true;
}

/* NODE_ANY for `any(`, NODE_ALL for `all(`, else NODE_TEST. */
static FilterKind loop_kind(const Parser *p)
{
  const FilterToken *token = peek(p);

  if (token->kind != TOKEN_WORD || token[1].kind != TOKEN_OPEN)
    return NODE_TEST;
  if (slice_eq_nocase(token->text, SLICE("any")))
    return NODE_ANY;
  return slice_eq_nocase(token->text, SLICE("all")) ? NODE_ALL : NODE_TEST;
}

static bool parse_loop(Parser *p, FilterKind kind, FilterNode **ret_node)
{
  const FilterToken *token = take_token(p);
  FilterNode *inside = NULL;

  if (p->of->for_streams)
    return filter_fail(p->error, p->text, token->at, "any() and all() test messages, not streams");
  if (p->in_loop)
    return filter_fail(p->error, p->text, token->at,
                       "any() and all() cannot be nested: each tests all messages of the call");
  p->in_loop = true;
  if (!parse_inside(p, &inside))
    return false;
  p->in_loop = false;
  *ret_node = filter_node_new(p->arena, kind);
  filter_node_add(*ret_node, inside);
  return true;
}

static bool parse_operand(Parser *p, FilterNode **ret_node)
{
  const FilterToken *token = peek(p);
  FilterKind loop = loop_kind(p);

  if (loop != NODE_TEST)
    return parse_loop(p, loop, ret_node);
  if (token->kind == TOKEN_OPEN)
    return parse_inside(p, ret_node);
  if (token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT)
    return parse_test(p, ret_node);
  if (token->kind == TOKEN_END)
    return filter_fail(p->error, p->text, token->at, "%s",
                       p->next == 0 ? "the filter is empty"
                                    : "a field or text is missing at the end");
  return filter_fail(p->error, p->text, token->at, "expected a field or text, not \"%.*s\"",
                     FILTER_QUOTE(token->text));
}

static bool parse_not(Parser *p, FilterNode **ret_node)
{
  const FilterToken *token = peek(p);
  FilterNode *operand = NULL;
  size_t read = p->of->reading->len;

  if (token->kind != TOKEN_NOT)
    return parse_operand(p, ret_node);
  take_token(p);
  if (!enter(p, token) || !parse_not(p, &operand))
    return false;
  p->depth--;
  if (operand->kind == NODE_TEST && p->of->reading->len > read)
    g_string_insert(p->of->reading, (gssize) (read > 0 ? read + strlen(", ") : 0), "not ");
  *ret_node = filter_node_new(p->arena, NODE_NOT);
  filter_node_add(*ret_node, operand);
  return true;
}

/* Operands with `sign` between them. */
static bool parse_joined(Parser *p, FilterKind kind, FilterNode **ret_node)
{
  bool is_or = kind == NODE_OR;
  FilterTokenKind sign = is_or ? TOKEN_OR : TOKEN_AND;
  FilterNode *joined = NULL, *operand = NULL;

  for (;;) {
    bool ok = is_or ? parse_joined(p, NODE_AND, &operand) : parse_not(p, &operand);

    if (!ok)
      return false;
    if (joined)
      filter_node_add(joined, operand);
    if (peek(p)->kind != sign)
      break;
    take_token(p);
    if (!joined) {
      joined = filter_node_new(p->arena, kind);
      filter_node_add(joined, operand);
    }
  }
  *ret_node = joined ? joined : operand;
  return true;
}

static bool parse_or(Parser *p, FilterNode **ret_node)
{
  return parse_joined(p, NODE_OR, ret_node);
}

/* Words that a capture filter (pcap-filter(7)) begins with. */
static bool is_capture_filter(const Parser *p)
{
  static const char *const WORDS[] = {"host",  "port",  "portrange", "net",  "src", "dst",
                                      "udp",   "tcp",   "sctp",      "ip",   "ip6", "vlan",
                                      "ether", "proto", "greater",   "less", NULL};
  g_autofree char *word = slice_dup(p->tokens[0].text);

  return p->tokens[0].kind == TOKEN_WORD && g_strv_contains(WORDS, word);
}

static bool fail_leftover(const Parser *p)
{
  const FilterToken *token = peek(p);
  Slice text = token->text;

  if (token->kind == TOKEN_CLOSE)
    return filter_fail(p->error, p->text, token->at, "unmatched )");
  if (is_capture_filter(p))
    return filter_fail(
      p->error, p->text, token->at,
      "expected \"and\" or \"or\"; use -f, not -Y, for a capture filter such as \"host ... and "
      "port ...\"");
  if (token->kind == TOKEN_OPERATOR)
    return filter_fail(p->error, p->text, token->at,
                       "expected a field before \"%.*s\"; join two comparisons with \"and\"",
                       FILTER_QUOTE(text));
  return filter_fail(p->error, p->text, token->at,
                     "expected \"and\" or \"or\" before \"%.*s\"; quote text containing spaces",
                     FILTER_QUOTE(text));
}

FilterNode *filter_parse(Arena *arena, GPtrArray *patterns, const FilterText *of, GError **error)
{
  g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(FilterToken));
  FilterNode *node = NULL;
  size_t len = strlen(of->expression);

  if (len > FILTER_TEXT_MAX) {
    filter_fail(error, slice_of(of->expression, len), FILTER_TEXT_MAX, "longer than %d characters",
                FILTER_TEXT_MAX);
    return NULL;
  }
  Slice text = arena_dup(arena, slice_of(of->expression, len));
  if (!filter_lex(text, tokens, error))
    return NULL;
  Parser p = {.arena = arena, .patterns = patterns, .text = text, .of = of, .error = error};
  p.tokens = (const FilterToken *) (const void *) tokens->data;
  if (!parse_or(&p, &node))
    return NULL;
  if (peek(&p)->kind != TOKEN_END) {
    fail_leftover(&p);
    return NULL;
  }
  return node;
}
