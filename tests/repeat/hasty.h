// Settings with which the shipped scenarios of metastasis go their whole way within an hour: `--set` of the command line.
#pragma once

#include <string>
#include <vector>

namespace invado {

// Everything on the way to other sites happens within minutes.
inline std::vector<std::string> hasty_cascade() {
  return {"circulation.passages=60 1/h",
          "processes.extravasation.rate=60 1/h",
          "processes.colonisation.wait_from=0.02 h",
          "processes.colonisation.wait_to=0.2 h",
          "processes.colonisation.initiation=0.5",
          "processes.colonisation.waking=5 1/h",
          "secondary_sites.lung.matrix.voxel=20 um",
          "steps.fate=1 min",
          "steps.signalling=3 min"};
}

// metastasis_breast.yaml, small: cells enter the blood alone and in clumps, are split, die, lodge, come out into lung and
// bone, begin, sleep, wake and divide; vessels sprout, and bone is resorbed.
inline std::vector<std::string> hasty_breast() {
  std::vector<std::string> set = hasty_cascade();
  for (const char* more : {"domain.size=[240 um, 240 um, 240 um]",
                           "matrix.regions.bed.shape.sphere.centre=[120 um, 120 um, 120 um]",
                           "matrix.regions.membrane.shape.shell.centre=[120 um, 120 um, 120 um]",
                           "population.core.place.sphere.centre=[120 um, 120 um, 120 um]",
                           "population.core.count=40",
                           "circulation.split_in=2",
                           "circulation.split_out=2",
                           "matrix.density=1.7 mg/ml",
                           "vessels.artery.path=[[0 um, 90 um, 120 um], [240 um, 90 um, 120 um]]",
                           "vessels.vein.path=[[0 um, 200 um, 120 um], [240 um, 200 um, 120 um]]",
                           "vessel_wall.basement_membrane=0 um",
                           "processes.intravasation.rate=20 1/h",
                           "processes.intravasation.cluster_chance=1",
                           "processes.angiogenesis.rate=100 1/h",
                           "processes.angiogenesis.vegf_least=0",
                           "processes.angiogenesis.every=2 min",
                           "processes.osteolysis.speed=100 um/h",
                           "processes.osteolysis.fastest=100 um/h",
                           "secondary_sites.bone.matrix.voxel=20 um",
                           "cell_types.breast_invasive.life.doubling=1 h"})
    set.emplace_back(more);
  return set;
}

}  // namespace invado
