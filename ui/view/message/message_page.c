#include "ui/view/message/message_page.h"

#include "capture/language.h"

enum { FIRST_CHUNK = 4096 };

void message_page_init(MessagePage *page)
{
  *page = (MessagePage){.heading = g_string_new(NULL)};
  arena_init(&page->octets, FIRST_CHUNK);
  arena_init(&page->tree_arena, FIRST_CHUNK);
  arena_init(&page->raw_arena, FIRST_CHUNK);
  arena_init(&page->search_arena, FIRST_CHUNK);
}

void message_page_clear(MessagePage *page)
{
  arena_clear(&page->octets);
  arena_clear(&page->tree_arena);
  arena_clear(&page->raw_arena);
  arena_clear(&page->search_arena);
  g_string_free(page->heading, TRUE);
  g_free(page->error);
}

/* --- reading --- */

static const struct {
  unsigned flag;
  const char *text;
} MARKS[] = {
  {MESSAGE_RETRANSMISSION, N_("  retransmission")},
  {MESSAGE_DUPLICATE, N_("  duplicate")},
  {MESSAGE_INCOMPLETE, N_("  incomplete")},
};

static void append_endpoint(GString *to, const AppModel *model, uint32_t id)
{
  const Aliases *aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;
  g_autoptr(GString) text = g_string_new(NULL);

  aliases_append(aliases, trace_endpoint(model->trace, id), ALIAS_WITH_PORT, text);
  text_append_safe(to, slice_of(text->str, text->len), model->charset);
}

void message_append_where(GString *to, const AppModel *model, const Message *message)
{
  append_endpoint(to, model, message->src);
  g_string_append(to, " -> ");
  append_endpoint(to, model, message->dst);
  g_string_append_printf(to, " %s", transport_name((Transport) message->transport));
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->flags & MARKS[i].flag)
      g_string_append(to, MARKS[i].text);
}

void message_append_when(GString *to, const AppModel *model, const Message *message)
{
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC));
  char time[TIME_TEXT_MAX];

  g_string_append(to, clock_format(&clock, message->time_ns, time));
}

void message_copy(Host *host, const Message *message)
{
  g_autoptr(GString) text = g_string_new(NULL);
  Arena arena;
  SipMsg sip;

  arena_init(&arena, message->len);
  if (message_load(message, host_model(host)->stores, &arena, &sip, NULL))
    message_copy_append(text, &sip);
  else
    host_tell(host, STYLE_ERROR, "cannot read the message; the file has changed");
  arena_clear(&arena);
  if (text->len > 0)
    host_copy(host, slice_of(text->str, text->len));
}

void message_page_load(MessagePage *page, const AppModel *model, const Message *message)
{
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC));
  const TreeFacts facts = {message, model->trace, &clock};
  g_autoptr(GError) error = NULL;

  arena_reset(&page->octets);
  g_clear_pointer(&page->error, g_free);
  page->has_raw = false;
  page->raw = (MessageRaw){0};
  page->tree = (MessageTree){0};
  g_string_truncate(page->heading, 0);
  message_append_when(page->heading, model, message);
  g_string_append_c(page->heading, ' ');
  message_append_where(page->heading, model, message);
  if (!message_load(message, model->stores, &page->octets, &page->sip, &error)) {
    page->sip = (SipMsg){0};
    page->error = g_strdup(error->message);
    return;
  }
  arena_reset(&page->tree_arena);
  page->tree = message_tree_build(&page->tree_arena, &page->sip, &facts);
  page->offset = MIN(page->offset, page->sip.raw.len > 0 ? page->sip.raw.len - 1 : 0);
}

const MessageRaw *message_page_raw(MessagePage *page, unsigned width, TextCharset charset)
{
  RawOptions options = {.width = width, .charset = charset};

  if (page->has_raw && page->raw_options.width == width && page->raw_options.charset == charset)
    return &page->raw;
  arena_reset(&page->raw_arena);
  page->raw = message_raw_build(&page->raw_arena, &page->sip, &options);
  page->raw_options = options;
  page->has_raw = true;
  return &page->raw;
}

Octets message_page_field(const MessagePage *page)
{
  size_t node = message_tree_node_at(&page->tree, page->offset);

  return node < page->tree.count ? page->tree.nodes[node].octets
                                 : (Octets){0, (uint32_t) page->sip.raw.len};
}

/* --- searching --- */

void message_page_set_search(MessagePage *page, Slice text)
{
  arena_reset(&page->search_arena);
  page->search = text.len > 0 ? text_search_new(&page->search_arena, text) : NULL;
}

bool message_page_found(const MessagePage *page, size_t from, Octets *ret_octets)
{
  Slice raw = page->sip.raw;
  size_t at = page->search ? text_search_find_after(page->search, raw, from) : raw.len;

  if (at >= raw.len)
    return false;
  *ret_octets = (Octets){(uint32_t) at, (uint32_t) page->search->needle.len};
  return true;
}

bool message_page_search(MessagePage *page, int direction)
{
  const TextSearch *search = page->search;
  Slice raw = page->sip.raw;

  if (!search || raw.len == 0)
    return false;
  size_t next = page->offset + 1;
  size_t at = direction < 0 ? text_search_find_before(search, raw, page->offset)
                            : next + text_search_find(search, slice_from(raw, next));
  if (at >= raw.len) /* it wraps around */
    at =
      direction < 0 ? text_search_find_before(search, raw, raw.len) : text_search_find(search, raw);
  if (at >= raw.len)
    return false;
  page->offset = at;
  return true;
}
