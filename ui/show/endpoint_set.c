#include "ui/show/endpoint_set.h"

#include "ui/show/alias.h"

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
