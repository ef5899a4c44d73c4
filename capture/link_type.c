#include "capture/link_type.h"

#include <stddef.h>

/* The first row of a link type has its DLT_ on Linux. */
static const struct {
  uint16_t dlt, link_type;
} DIFFERENT[] = {
  {11, 100}, /* ATM_RFC1483 */
  {12, 101}, /* RAW */
  {14, 101}, /* RAW, on OpenBSD */
  {15, 102}, /* SLIP_BSDOS */
  {16, 103}, /* PPP_BSDOS */
  {19, 106}, /* ATM_CLIP */
  {18, 246}, /* PFSYNC */
};

enum { DIFFERENT_COUNT = sizeof DIFFERENT / sizeof DIFFERENT[0] };

uint16_t link_type_of_dlt(uint16_t dlt)
{
  for (size_t i = 0; i < DIFFERENT_COUNT; i++) {
    if (DIFFERENT[i].dlt == dlt)
      return DIFFERENT[i].link_type;
  }
  return dlt;
}

int link_type_to_dlt(uint16_t link_type)
{
  for (size_t i = 0; i < DIFFERENT_COUNT; i++) {
    if (DIFFERENT[i].link_type == link_type)
      return DIFFERENT[i].dlt;
  }
  return link_type;
}
