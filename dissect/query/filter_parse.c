#include "dissect/query/filter_parse.h"

#include "dissect/query/filter_parser.h"

static bool parse_or(FilterParser *p, FilterNode **ret_node);

static bool enter(FilterParser *p, const FilterToken *token)
{
  if (p->depth == FILTER_DEPTH_MAX)
    return filter_fail(p->error, p->text, token->at, "nested deeper than %d", FILTER_DEPTH_MAX);
  p->depth++;
  return true;
}

/* What is between parentheses. */
static bool parse_inside(FilterParser *p, FilterNode **ret_node)
{
  const FilterToken *open = filter_take(p);

  if (!enter(p, open) || !parse_or(p, ret_node))
    return false;
  p->depth--;
  if (filter_peek(p)->kind != TOKEN_CLOSE)
    return filter_fail(p->error, p->text, filter_peek(p)->at,
                       "a ) is missing here for the ( at character %zu", open->at + 1);
  filter_take(p);
  return true;
}

/* FILTER_ANY for `any(`, FILTER_ALL for `all(`, else FILTER_TEST. */
static FilterKind loop_kind(const FilterParser *p)
{
  const FilterToken *token = filter_peek(p);

  if (token->kind != TOKEN_WORD || token[1].kind != TOKEN_OPEN)
    return FILTER_TEST;
  if (slice_eq_nocase(token->text, SLICE("any")))
    return FILTER_ANY;
  return slice_eq_nocase(token->text, SLICE("all")) ? FILTER_ALL : FILTER_TEST;
}

static bool parse_loop(FilterParser *p, FilterKind kind, FilterNode **ret_node)
{
  const FilterToken *token = filter_take(p);
  FilterNode *inside = NULL;

  if (p->in_loop)
    return filter_fail(p->error, p->text, token->at,
                       "any() and all() go over a call's messages: one cannot be in another");
  p->in_loop = true;
  if (!parse_inside(p, &inside))
    return false;
  p->in_loop = false;
  *ret_node = filter_node_new(p->arena, kind);
  filter_node_add(*ret_node, inside);
  return true;
}

static bool parse_operand(FilterParser *p, FilterNode **ret_node)
{
  const FilterToken *token = filter_peek(p);
  FilterKind loop = loop_kind(p);

  if (loop != FILTER_TEST)
    return parse_loop(p, loop, ret_node);
  if (token->kind == TOKEN_OPEN)
    return parse_inside(p, ret_node);
  if (token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT)
    return filter_parse_test(p, ret_node);
  if (token->kind == TOKEN_END)
    return filter_fail(p->error, p->text, token->at, "%s",
                       p->next == 0 ? "the filter is empty"
                                    : "the filter ends where a field or a text should follow");
  return filter_fail(p->error, p->text, token->at,
                     "a field or a text should stand here, not \"%.*s\"",
                     FILTER_QUOTE(token->text));
}

static bool parse_not(FilterParser *p, FilterNode **ret_node)
{
  const FilterToken *token = filter_peek(p);
  FilterNode *operand = NULL;

  if (token->kind != TOKEN_NOT)
    return parse_operand(p, ret_node);
  filter_take(p);
  if (!enter(p, token) || !parse_not(p, &operand))
    return false;
  p->depth--;
  *ret_node = filter_node_new(p->arena, FILTER_NOT);
  filter_node_add(*ret_node, operand);
  return true;
}

/* Operands with `sign` between them. */
static bool parse_joined(FilterParser *p, FilterKind kind, FilterNode **ret_node)
{
  bool is_or = kind == FILTER_OR;
  FilterTokenKind sign = is_or ? TOKEN_OR : TOKEN_AND;
  FilterNode *joined = NULL, *operand = NULL;

  for (;;) {
    bool ok = is_or ? parse_joined(p, FILTER_AND, &operand) : parse_not(p, &operand);

    if (!ok)
      return false;
    if (joined)
      filter_node_add(joined, operand);
    if (filter_peek(p)->kind != sign)
      break;
    filter_take(p);
    if (!joined) {
      joined = filter_node_new(p->arena, kind);
      filter_node_add(joined, operand);
    }
  }
  *ret_node = joined ? joined : operand;
  return true;
}

static bool parse_or(FilterParser *p, FilterNode **ret_node)
{
  return parse_joined(p, FILTER_OR, ret_node);
}

/* Words that a capture filter (pcap-filter(7)) begins with. */
static bool is_capture_filter(const FilterParser *p)
{
  static const char *const WORDS[] = {"host",  "port",  "portrange", "net",  "src", "dst",
                                      "udp",   "tcp",   "sctp",      "ip",   "ip6", "vlan",
                                      "ether", "proto", "greater",   "less", NULL};
  g_autofree char *word = slice_dup(p->tokens[0].text);

  return p->tokens[0].kind == TOKEN_WORD && g_strv_contains(WORDS, word);
}

static bool fail_leftover(const FilterParser *p)
{
  const FilterToken *token = filter_peek(p);
  Slice text = token->text;

  if (token->kind == TOKEN_CLOSE)
    return filter_fail(p->error, p->text, token->at, "this ) has no ( before it");
  if (is_capture_filter(p))
    return filter_fail(
      p->error, p->text, token->at,
      "\"and\" or \"or\" should stand here; capture filters such as \"host ... and "
      "port ...\" are for -f, not for -Y");
  if (token->kind == TOKEN_OPERATOR)
    return filter_fail(p->error, p->text, token->at,
                       "\"%.*s\" has no field before it; join two comparisons with \"and\"",
                       FILTER_QUOTE(text));
  return filter_fail(
    p->error, p->text, token->at,
    "\"and\" or \"or\" should stand before \"%.*s\"; text with spaces wants quotes",
    FILTER_QUOTE(text));
}

FilterNode *filter_parse(Arena *arena, GPtrArray *regexes, const char *expression, GError **error)
{
  g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(FilterToken));
  FilterNode *node = NULL;
  size_t len = strlen(expression);

  if (len > FILTER_TEXT_MAX) {
    filter_fail(error, slice_of(expression, len), FILTER_TEXT_MAX, "longer than %d characters",
                FILTER_TEXT_MAX);
    return NULL;
  }
  Slice text = arena_dup(arena, slice_of(expression, len));
  if (!filter_lex(text, tokens, error))
    return NULL;
  FilterParser p = {.arena = arena, .regexes = regexes, .text = text, .error = error};
  p.tokens = (const FilterToken *) (const void *) tokens->data;
  if (!parse_or(&p, &node))
    return NULL;
  if (filter_peek(&p)->kind != TOKEN_END) {
    fail_leftover(&p);
    return NULL;
  }
  return node;
}
