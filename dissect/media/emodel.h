/*
 * EModel: the quality of a speech stream by the E-model of the ITU-T: G.107 (narrowband), G.107.1
 * (wideband), G.107.2 (fullband).
 *
 * Of R = Ro - Is - Id - Ie,eff + A a capture shows the loss and perhaps the delay; everything else
 * has the default of the Recommendation (no noise, no echo, A = 0).  The three scales are not
 * comparable: a wideband 4.4 is better than a narrowband 4.4.
 */
#pragma once

#include <stdbool.h>

typedef enum {
  EMODEL_NONE, /* no published values: no rating */
  EMODEL_NARROWBAND,
  EMODEL_WIDEBAND,
  EMODEL_FULLBAND,
} EModelScale;

typedef struct {
  EModelScale scale;
  double ie;           /* equipment impairment factor of the codec */
  double bpl;          /* its packet-loss robustness; 0: not published */
  double loss_percent; /* 0..100 */
  double burst_ratio;  /* BurstR, see emodel_burst_ratio */
  double delay_ms;     /* from mouth to ear */
} EModelInput;

/* One way delay up to which there is no impairment (mT of G.107 table 1). */
enum { EMODEL_DELAY_MS = 100 };

/* R; false where the scale is EMODEL_NONE or packets were lost and Bpl is not published. */
bool emodel_rate(const EModelInput *input, double *ret_rating);

/* MOS, conversational quality, estimated; from 1.0 to 4.5. */
double emodel_mos(EModelScale scale, double rating);

/* BurstR (G.107 7.5): mean length of bursts against that of random loss; at least 1. */
double emodel_burst_ratio(double loss_percent, double mean_burst);

/* "narrowband (G.107)", ... */
const char *emodel_scale_name(EModelScale scale);
