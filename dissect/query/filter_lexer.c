#include "dissect/query/filter_lexer.h"

#include "capture/error.h"
#include "capture/language.h"

/* --- What is wrong, and where ---------------------------------------------------------------- */

/* How much of a longer expression is shown around the place. */
enum { SHOWN_MAX = 96, SHOWN_BEFORE = 48 };

static bool is_continuation(char c)
{
  return ((unsigned char) c & 0xc0) == 0x80;
}

/* On one line, whatever was typed: control characters become spaces. */
static void append_on_one_line(GString *to, Slice s)
{
  for (size_t i = 0; i < s.len; i++)
    g_string_append_c(to, g_ascii_iscntrl(s.data[i]) ? ' ' : s.data[i]);
}

bool filter_fail(GError **error, Slice expression, size_t at, const char *format, ...)
{
  g_autoptr(GString) text = g_string_new(NULL);
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *sentence = g_strdup_vprintf(translate(format), arguments);
  va_end(arguments);
  append_on_one_line(text, slice_from_string(sentence));
  at = MIN(at, expression.len);
  size_t first = expression.len > SHOWN_MAX && at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
  while (first < at && first > 0 && is_continuation(expression.data[first]))
    first++;
  Slice shown = slice_head(slice_from(expression, first), SHOWN_MAX);
  const char *before = first > 0 ? "..." : "";
  bool cut = first + shown.len < expression.len;
  while (cut && shown.len > 0 && is_continuation(shown.data[shown.len]))
    shown.len--;
  size_t column = strlen(before);
  for (size_t i = 0; i < MIN(at - first, shown.len); i++)
    column += !is_continuation(shown.data[i]);
  g_string_append_printf(text, "\n  %s", before);
  append_on_one_line(text, shown);
  g_string_append_printf(text, "%s\n  %*s^", cut ? "..." : "", (int) column, "");
  g_set_error_literal(error, APP_ERROR, APP_ERROR_USAGE, text->str);
  return false;
}

/* --- Tokens ---------------------------------------------------------------------------------- */

typedef struct {
  const char *spelling;
  FilterTokenKind kind;
  FilterOperator op;
} Spelling;

/* The longer of two that begin alike comes first. */
static const Spelling SIGNS[] = {
  {"&&", TOKEN_AND, FILTER_OP_EXISTS},       {"||", TOKEN_OR, FILTER_OP_EXISTS},
  {"==", TOKEN_OPERATOR, FILTER_OP_EQUAL},   {"!=", TOKEN_OPERATOR, FILTER_OP_UNEQUAL},
  {"<=", TOKEN_OPERATOR, FILTER_OP_AT_MOST}, {">=", TOKEN_OPERATOR, FILTER_OP_AT_LEAST},
  {"<", TOKEN_OPERATOR, FILTER_OP_LESS},     {">", TOKEN_OPERATOR, FILTER_OP_MORE},
  {"~", TOKEN_OPERATOR, FILTER_OP_MATCHES},  {"!", TOKEN_NOT, FILTER_OP_EXISTS},
  {"(", TOKEN_OPEN, FILTER_OP_EXISTS},       {")", TOKEN_CLOSE, FILTER_OP_EXISTS},
  {"{", TOKEN_OPEN_LIST, FILTER_OP_EXISTS},  {"}", TOKEN_CLOSE_LIST, FILTER_OP_EXISTS},
  {",", TOKEN_COMMA, FILTER_OP_EXISTS},
};

/* In any case; those of two letters are Wireshark's. */
static const Spelling WORDS[] = {
  {"and", TOKEN_AND, FILTER_OP_EXISTS},           {"or", TOKEN_OR, FILTER_OP_EXISTS},
  {"not", TOKEN_NOT, FILTER_OP_EXISTS},           {"contains", TOKEN_OPERATOR, FILTER_OP_CONTAINS},
  {"matches", TOKEN_OPERATOR, FILTER_OP_MATCHES}, {"in", TOKEN_OPERATOR, FILTER_OP_IN},
  {"eq", TOKEN_OPERATOR, FILTER_OP_EQUAL},        {"ne", TOKEN_OPERATOR, FILTER_OP_UNEQUAL},
  {"lt", TOKEN_OPERATOR, FILTER_OP_LESS},         {"le", TOKEN_OPERATOR, FILTER_OP_AT_MOST},
  {"gt", TOKEN_OPERATOR, FILTER_OP_MORE},         {"ge", TOKEN_OPERATOR, FILTER_OP_AT_LEAST},
};

typedef struct {
  Slice expression;
  size_t at;
  GArray *tokens;
} Lexer;

static void add_token(Lexer *lexer, FilterToken token, size_t len)
{
  token.at = lexer->at;
  g_array_append_val(lexer->tokens, token);
  lexer->at += len;
}

static bool is_quote(char c)
{
  return c == '"' || c == '\'';
}

/* The length of the text in quotes at `at`, with them; 0 when its end is missing. */
static size_t quoted_len(Slice s, size_t at)
{
  for (size_t i = at + 1; i < s.len; i++) {
    if (s.data[i] == s.data[at])
      return i + 1 - at;
    if (s.data[i] == '\\')
      i++;
  }
  return 0;
}

/* The same of [brackets], which may hold a text in quotes. */
static size_t bracketed_len(Slice s, size_t at)
{
  for (size_t i = at + 1; i < s.len; i++) {
    if (s.data[i] == ']')
      return i + 1 - at;
    if (!is_quote(s.data[i]))
      continue;
    size_t len = quoted_len(s, i);
    if (len == 0)
      return 0;
    i += len - 1;
  }
  return 0;
}

static bool ends_word(char c)
{
  return (unsigned char) c <= ' ' || strchr("(){},\"'!=<>&|~", c);
}

static bool lex_quoted(Lexer *lexer, GError **error)
{
  size_t len = quoted_len(lexer->expression, lexer->at);
  FilterToken token = {.kind = TOKEN_TEXT};

  if (len == 0)
    return filter_fail(error, lexer->expression, lexer->at, "missing closing quote");
  token.text = slice_of(lexer->expression.data + lexer->at + 1, len - 2);
  add_token(lexer, token, len);
  return true;
}

static bool lex_word(Lexer *lexer, GError **error)
{
  FilterToken token = {.kind = TOKEN_WORD, .is_word = true};
  Slice s = lexer->expression;
  size_t end = lexer->at;

  while (end < s.len && !ends_word(s.data[end])) {
    size_t len = s.data[end] == '[' ? bracketed_len(s, end) : 1;
    if (len == 0)
      return filter_fail(error, s, end, "missing closing ]");
    end += len;
  }
  token.text = slice_of(s.data + lexer->at, end - lexer->at);
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (slice_eq_nocase(token.text, slice_from_string(WORDS[i].spelling))) {
      token.kind = WORDS[i].kind;
      token.op = WORDS[i].op;
    }
  add_token(lexer, token, token.text.len);
  return true;
}

static bool lex_sign(Lexer *lexer, GError **error)
{
  Slice rest = slice_from(lexer->expression, lexer->at);

  for (size_t i = 0; i < G_N_ELEMENTS(SIGNS); i++) {
    const Spelling *sign = &SIGNS[i];
    Slice spelling = slice_from_string(sign->spelling);

    if (!slice_starts_with(rest, spelling))
      continue;
    FilterToken token = {.kind = sign->kind, .op = sign->op, .text = spelling};
    add_token(lexer, token, spelling.len);
    return true;
  }
  char c = rest.data[0];
  const char *hint = c == '=' ? "== to compare" : c == '&' ? "&& for and" : "|| for or";
  return filter_fail(error, lexer->expression, lexer->at, "use %s; quote text containing %c", hint,
                     c);
}

bool filter_lex(Slice expression, GArray *tokens, GError **error)
{
  Lexer lexer = {.expression = expression, .tokens = tokens};
  bool ok = true;

  for (;;) {
    while (lexer.at < expression.len && (unsigned char) expression.data[lexer.at] <= ' ')
      lexer.at++;
    if (lexer.at == expression.len)
      break;
    char c = expression.data[lexer.at];
    if (is_quote(c))
      ok = lex_quoted(&lexer, error);
    else
      ok = ends_word(c) ? lex_sign(&lexer, error) : lex_word(&lexer, error);
    if (!ok)
      return false;
  }
  add_token(&lexer, (FilterToken){.kind = TOKEN_END, .text = SLICE("")}, 0);
  return true;
}
