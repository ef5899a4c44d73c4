#include "dissect/query/filter_lexer.h"

#include "dissect/query/filter_error.h"

typedef struct {
  const char *spelling;
  FilterTokenKind kind;
  FilterOperator op;
} Spelling;

/* The longer of two that begin alike comes first. */
static const Spelling SIGNS[] = {
  {"&&", TOKEN_AND, FILTER_EXISTS},       {"||", TOKEN_OR, FILTER_EXISTS},
  {"==", TOKEN_OPERATOR, FILTER_EQUAL},   {"!=", TOKEN_OPERATOR, FILTER_UNEQUAL},
  {"<=", TOKEN_OPERATOR, FILTER_AT_MOST}, {">=", TOKEN_OPERATOR, FILTER_AT_LEAST},
  {"<", TOKEN_OPERATOR, FILTER_LESS},     {">", TOKEN_OPERATOR, FILTER_MORE},
  {"~", TOKEN_OPERATOR, FILTER_MATCHES},  {"!", TOKEN_NOT, FILTER_EXISTS},
  {"(", TOKEN_OPEN, FILTER_EXISTS},       {")", TOKEN_CLOSE, FILTER_EXISTS},
  {"{", TOKEN_OPEN_LIST, FILTER_EXISTS},  {"}", TOKEN_CLOSE_LIST, FILTER_EXISTS},
  {",", TOKEN_COMMA, FILTER_EXISTS},
};

/* In any case; those of two letters are Wireshark's. */
static const Spelling WORDS[] = {
  {"and", TOKEN_AND, FILTER_EXISTS},           {"or", TOKEN_OR, FILTER_EXISTS},
  {"not", TOKEN_NOT, FILTER_EXISTS},           {"contains", TOKEN_OPERATOR, FILTER_CONTAINS},
  {"matches", TOKEN_OPERATOR, FILTER_MATCHES}, {"in", TOKEN_OPERATOR, FILTER_IN},
  {"eq", TOKEN_OPERATOR, FILTER_EQUAL},        {"ne", TOKEN_OPERATOR, FILTER_UNEQUAL},
  {"lt", TOKEN_OPERATOR, FILTER_LESS},         {"le", TOKEN_OPERATOR, FILTER_AT_MOST},
  {"gt", TOKEN_OPERATOR, FILTER_MORE},         {"ge", TOKEN_OPERATOR, FILTER_AT_LEAST},
};

typedef struct {
  Slice expression;
  size_t at;
  GArray *tokens;
} Lexer;

static void add(Lexer *lexer, FilterToken token, size_t len)
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
    return filter_fail(error, lexer->expression, lexer->at,
                       "the quotes opened here are not closed");
  token.text = slice_of(lexer->expression.data + lexer->at + 1, len - 2);
  add(lexer, token, len);
  return true;
}

static FilterToken word_token(Slice text)
{
  FilterToken token = {.kind = TOKEN_WORD, .is_word = true, .text = text};

  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (slice_eq_nocase(text, slice_from_string(WORDS[i].spelling))) {
      token.kind = WORDS[i].kind;
      token.op = WORDS[i].op;
    }
  return token;
}

static bool lex_word(Lexer *lexer, GError **error)
{
  Slice s = lexer->expression;
  size_t end = lexer->at;

  while (end < s.len && !ends_word(s.data[end])) {
    size_t len = s.data[end] == '[' ? bracketed_len(s, end) : 1;
    if (len == 0)
      return filter_fail(error, s, end, "the [ opened here is not closed");
    end += len;
  }
  add(lexer, word_token(slice_of(s.data + lexer->at, end - lexer->at)), end - lexer->at);
  return true;
}

static bool fail_sign(const Lexer *lexer, GError **error)
{
  char c = lexer->expression.data[lexer->at];
  const char *hint = c == '=' ? "== compares" : c == '&' ? "&& means and" : "|| means or";

  return filter_fail(error, lexer->expression, lexer->at,
                     "a single %c is no operator: %s; text that has it wants quotes", c, hint);
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
    add(lexer, token, spelling.len);
    return true;
  }
  return fail_sign(lexer, error);
}

static bool lex_one(Lexer *lexer, GError **error)
{
  char c = lexer->expression.data[lexer->at];

  if (is_quote(c))
    return lex_quoted(lexer, error);
  return ends_word(c) ? lex_sign(lexer, error) : lex_word(lexer, error);
}

bool filter_lex(Slice expression, GArray *tokens, GError **error)
{
  Lexer lexer = {.expression = expression, .tokens = tokens};

  for (;;) {
    while (lexer.at < expression.len && (unsigned char) expression.data[lexer.at] <= ' ')
      lexer.at++;
    if (lexer.at == expression.len)
      break;
    if (!lex_one(&lexer, error))
      return false;
  }
  add(&lexer, (FilterToken){.kind = TOKEN_END, .text = SLICE("")}, 0);
  return true;
}
