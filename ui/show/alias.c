#include "ui/show/alias.h"

#include "capture/error.h"
#include "capture/language.h"

struct Aliases {
  EndpointTable *set, *hosts; /* -> name; port 0: any port */
};

Aliases *aliases_new(void)
{
  Aliases *aliases = g_new0(Aliases, 1);

  aliases->set = endpoint_table_new(g_free);
  aliases->hosts = endpoint_table_new(g_free);
  return aliases;
}

void aliases_free(Aliases *aliases)
{
  if (!aliases)
    return;
  endpoint_table_free(aliases->set);
  endpoint_table_free(aliases->hosts);
  g_free(aliases);
}

/* "address", "IPv4:port" or "[address]:port". */
static bool parse_endpoint(Slice text, Endpoint *ret_endpoint)
{
  size_t bracket = slice_find(text, ']');
  Slice port = SLICE_NONE;
  uint16_t number = 0;

  if (endpoint_parse(text, 0, ret_endpoint))
    return true;
  if (text.len > 0 && text.data[0] == '[' && bracket < text.len) {
    port = slice_from(text, bracket + 1);
    text = slice_of(text.data + 1, bracket - 1);
    if (port.len > 0 && port.data[0] != ':')
      return false;
    port = slice_from(port, 1);
  } else {
    size_t colon = slice_find(text, ':');

    port = slice_from(text, colon + 1);
    text = slice_head(text, colon);
  }
  if (port.len > 0 && (!slice_to_u16(port, &number) || number == 0))
    return false;
  return endpoint_parse(text, number, ret_endpoint);
}

bool aliases_set(Aliases *aliases, Slice address, Slice name)
{
  Endpoint endpoint;

  name = slice_trim(name);
  if (!parse_endpoint(slice_trim(address), &endpoint))
    return false;
  if (name.len == 0)
    endpoint_table_remove(aliases->set, &endpoint);
  else
    endpoint_table_set(aliases->set, &endpoint, slice_dup(name));
  return true;
}

static Slice take_host_word(Slice *line)
{
  Slice word = slice_trim(*line);
  size_t len = 0;

  while (len < word.len && word.data[len] != ' ' && word.data[len] != '\t')
    len++;
  *line = slice_from(word, len);
  return slice_head(word, len);
}

/* The first line of an address counts, as in the resolver. */
static void add_host(Aliases *aliases, Slice line)
{
  Slice rest = slice_head(line, slice_find(line, '#'));
  Slice address = take_host_word(&rest), name = take_host_word(&rest);
  Endpoint endpoint;

  if (name.len == 0 || !parse_endpoint(address, &endpoint) ||
      endpoint_table_find(aliases->hosts, &endpoint, NULL))
    return;
  endpoint_table_set(aliases->hosts, &endpoint, slice_dup(name));
}

bool aliases_read_hosts(Aliases *aliases, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) failure = NULL;
  gsize len = 0;

  if (!g_file_get_contents(path, &text, &len, &failure)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("hosts file: %s"), failure->message);
    return false;
  }
  for (Slice rest = slice_of(text, len); rest.len > 0;)
    add_host(aliases, slice_take_line(&rest));
  return true;
}

static Slice find_exact(const Aliases *aliases, const Endpoint *endpoint)
{
  void *name = NULL;

  if (aliases && !endpoint_table_find(aliases->set, endpoint, &name))
    (void) endpoint_table_find(aliases->hosts, endpoint, &name);
  return slice_from_string(name);
}

static Endpoint address_of(const Endpoint *endpoint)
{
  Endpoint address = *endpoint;

  address.port = 0;
  return address;
}

Slice aliases_find(const Aliases *aliases, const Endpoint *endpoint)
{
  Slice name = find_exact(aliases, endpoint);
  Endpoint address = address_of(endpoint);

  return name.data ? name : find_exact(aliases, &address);
}

void aliases_append(const Aliases *aliases, const Endpoint *endpoint, AliasForm form, GString *to)
{
  Endpoint address = address_of(endpoint);
  Slice exact = form == ALIAS_WITH_PORT ? find_exact(aliases, endpoint) : SLICE_NONE;
  Slice name = exact.data ? exact : find_exact(aliases, &address);
  char text[ENDPOINT_TEXT_MAX];

  if (name.data) {
    g_string_append_len(to, name.data, (gssize) name.len);
    if (!exact.data && form == ALIAS_WITH_PORT)
      g_string_append_printf(to, ":%u", endpoint->port);
  } else if (endpoint->is_others) {
    g_string_append(to, _("others"));
  } else if (form == ALIAS_WITH_PORT) {
    g_string_append(to, endpoint_format(endpoint, text));
  } else {
    g_string_append(to, endpoint_format_address(endpoint, text));
  }
}

/* --- the endpoints of a call --- */

typedef struct {
  uint32_t round, place;
} Place;

EndpointSet endpoint_set_new(const Trace *trace)
{
  return (EndpointSet){
    .places = g_array_new(FALSE, TRUE, sizeof(Place)),
    .ids = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
    .texts = g_ptr_array_new_with_free_func(g_free),
    .trace = trace,
    .round = 1,
  };
}

void endpoint_set_clear(EndpointSet *set)
{
  g_clear_pointer(&set->places, g_array_unref);
  g_clear_pointer(&set->ids, g_array_unref);
  g_clear_pointer(&set->texts, g_ptr_array_unref);
}

void endpoint_set_reset(EndpointSet *set)
{
  set->round++;
  if (set->round ==
      0) { /* after 2^32 rounds: places of the first round are not those of a new one */
    g_array_set_size(set->places, 0);
    set->round = 1;
  }
  g_array_set_size(set->ids, 0);
}

uint32_t endpoint_set_add(EndpointSet *set, uint32_t id)
{
  if (id >= set->places->len)
    g_array_set_size(set->places, id + 1);
  Place *place = &g_array_index(set->places, Place, id);
  if (place->round != set->round) {
    *place = (Place){set->round, set->ids->len};
    g_array_append_val(set->ids, id);
  }
  return place->place;
}

size_t endpoint_set_count(const EndpointSet *set)
{
  return set->ids->len;
}

Slice endpoint_set_text(EndpointSet *set, uint32_t id)
{
  if (id >= set->texts->len)
    g_ptr_array_set_size(set->texts, (int) id + 1);
  if (!set->texts->pdata[id]) {
    GString *text = g_string_new(NULL);

    aliases_append(NULL, trace_endpoint(set->trace, id), ALIAS_WITH_PORT, text);
    set->texts->pdata[id] = g_string_free(text, FALSE);
  }
  return slice_from_string(set->texts->pdata[id]);
}
