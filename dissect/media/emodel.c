#include "dissect/media/emodel.h"

#include "capture/language.h"

#include <glib.h>
#include <math.h>

/* What differs between the three Recommendations. */
typedef struct {
  const char *name;
  double best;   /* Ro - Is, with defaults: G.107 7.7, G.107.1 7.2, G.107.2 7.2 */
  double ie_max; /* what Ie,eff tends to: G.107 7-29, G.107.1 7-15, G.107.2 7-13 */
  double unit;   /* of the scale, against that of G.107: its annex A */
} Scale;

static const Scale SCALES[] = {
  [EMODEL_NARROWBAND] = {N_("narrowband, G.107"), 93.2, 95, 1.0},
  [EMODEL_WIDEBAND] = {N_("wideband, G.107.1"), 129, 95, 1.29},
  [EMODEL_FULLBAND] = {N_("fullband, G.107.2"), 148, 132, 1.48},
};

const char *emodel_scale_name(EModelScale scale)
{
  return scale == EMODEL_NONE ? NULL : SCALES[scale].name;
}

/* Idd of G.107 7-27 and 7-28, with the default sensitivity: sT = 1. */
static double delay_impairment(double delay_ms)
{
  if (delay_ms <= EMODEL_DELAY_MS)
    return 0;
  double x = log2(delay_ms / EMODEL_DELAY_MS);
  return 25 * (pow(1 + pow(x, 6), 1.0 / 6) - 3 * pow(1 + pow(x / 3, 6), 1.0 / 6) + 2);
}

/* G.113 appendix I: BurstR is good for codecs that conceal losses well (Bpl >= 16); there are no
 * values for bursts on the other scales. */
static double burst_ratio_of(const EModelInput *input)
{
  enum { CONCEALS = 16 };

  return input->scale == EMODEL_NARROWBAND && input->bpl >= CONCEALS ? MAX(input->burst_ratio, 1)
                                                                     : 1;
}

bool emodel_rate(const EModelInput *input, double *ret_rating)
{
  const Scale *scale = &SCALES[input->scale];
  double loss = CLAMP(input->loss_percent, 0, 100);
  double ie_eff = input->ie;

  if (input->scale == EMODEL_NONE || (loss > 0 && input->bpl <= 0))
    return false;
  if (loss > 0)
    ie_eff += (scale->ie_max - input->ie) * loss / (loss / burst_ratio_of(input) + input->bpl);
  *ret_rating = scale->best - scale->unit * delay_impairment(input->delay_ms) - ie_eff;
  return true;
}

/* G.107 B-4. */
double emodel_mos(EModelScale scale, double rating)
{
  double r = rating / SCALES[scale].unit;

  if (r <= 0)
    return 1;
  if (r >= 100)
    return 4.5;
  /* The polynomial falls below 1 for R < 6.5. */
  return MAX(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

double emodel_burst_ratio(double loss_percent, double mean_burst)
{
  return MAX(1, mean_burst * (1 - loss_percent / 100));
}
