// How a cell that has come to an organ begins to grow there, or does not (biology.md 6, row dormancy and proliferation).
#pragma once

namespace invado {

struct Colonisation {
  double wait_from_min = 3 * 1440;  // time from lodging to the decision: uniform between these
  double wait_to_min = 10 * 1440;   //
  double initiation = 0.02;         // p0: chance to begin, without affinity
  double waking_1_h = 5e-3 / 24;    // of the dormant

  [[nodiscard]] double wait(double u) const { return wait_from_min + u * (wait_to_min - wait_from_min); }

  // P(begin) = p0 (1 + b W), at most 1. b: affinity of the organ, W: bone programme of the cell (osteomimicry).
  [[nodiscard]] double begins(double affinity, double bone_programme) const {
    const double p = initiation * (1 + affinity * (bone_programme > 0 ? bone_programme : 0));
    return p < 1 ? p : 1;
  }
};

}  // namespace invado
