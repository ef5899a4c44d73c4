/* The words that values of closed sets are made of. */
#include "dissect/query/field.h"

#define NAME_OF(id, name) name,
#define NAME_OF_TRANSPORT(name) #name,

static const char *const KINDS[] = {"request", "response", NULL};
static const char *const OUTCOME_NAMES[] = {OUTCOMES(NAME_OF) NULL};
static const char *const STATE_NAMES[] = {CALL_STATES(NAME_OF) OUTCOMES(NAME_OF) NULL};
static const char *const TRANSPORT_NAMES[] = {TRANSPORTS(NAME_OF_TRANSPORT) NULL};

static const struct {
  const char *key;
  const char *const *words;
} SETS[] = {
  {"call.outcome", OUTCOME_NAMES}, {"call.result", STATE_NAMES},
  {"call.state", STATE_NAMES},     {"call.transports", TRANSPORT_NAMES},
  {"message.kind", KINDS},         {"message.transport", TRANSPORT_NAMES},
};

const char *const *field_words(const Field *field)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++)
    if (strcmp(SETS[i].key, field->key) == 0)
      return SETS[i].words;
  return NULL;
}
