// What came of an entry into the blood is one sample: copies of a cell and the cells of a clump have one fate.
//
// Seen to fail with: copies taken for entries of their own; a daughter that enters later taken for a copy; a clump's cells
// apart; copies made on leaving the blood forgotten; woken cells left out; a line later
// than asked for taken; every group an entry of its own; every founder a colony of its own; the last of a clump for its
// first.
#include "report/cascade_events.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

#include "../io/made_up_world.h"

using namespace invado;

namespace {

const std::string heading =
    "time_h,stage,site,cell_id,group,founder,parent_id,weight,pakt,vimentin_stability,runx2_activity,ecadherin,"
    "mmp_expression,bone_programme\n";

CascadeEvents events_of(std::initializer_list<const char*> lines, double until_h = 1e9) {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "cascade.csv";
  std::ofstream file(path);
  file << heading;
  for (const std::string line : lines) file << line << ",0.5,0.5,0.5,0.5,0.5,0.5\n";
  file.close();
  return read_cascade(path, until_h);
}

}  // namespace

TEST_CASE("the error of a number of cells is that over entries") {
  const CascadeEvents events = events_of({
      "1,intravasated,primary,5,5,1,2,0.5",      // cell 5 and a copy of it
      "1,intravasated,primary,7,7,1,3,1",        // a clump of 7 and 8
      "1,intravasated,primary,8,7,1,4,1",        //
      "1,intravasated,primary,100,100,1,5,0.5",  //
      "2,lodged,lung,5,5,1,2,0.5",               //
      "2,lodged,lung,7,7,1,3,1",                 //
      "2,lodged,lung,8,7,1,4,1",                 //
      "2,lodged,lung,100,100,1,5,0.5",           //
      "3,intravasated,primary,9,9,1,5,1",        // a daughter of 5 that stayed behind
      "3,lodged,lung,9,9,1,5,1",                 //
      "3,lodged,bone,50,50,50,-1,1",             // injected
      "4,extravasated,lung,5,5,1,2,0.25",        // 5 and a copy made on leaving
      "4,extravasated,lung,200,200,1,5,0.25",    //
      "4,extravasated,lung,9,9,1,5,1",           //
      "5,initiated,lung,5,5,1,2,0.25",           //
      "9,dormant,lung,200,200,1,5,0.25",         //
      "50,woken,lung,200,200,1,5,0.25",          //
  });
  const StageCount lodged = events.counts.at({"lung", "lodged"});
  CHECK(lodged.weight == 4);
  CHECK(lodged.entries == 3);
  CHECK(lodged.error == doctest::Approx(std::sqrt(1.0 + 4 + 1)));
  const StageCount extravasated = events.counts.at({"lung", "extravasated"});
  CHECK(extravasated.weight == 1.5);
  CHECK(extravasated.error == doctest::Approx(std::sqrt(0.25 + 1)));
  const StageCount begun = events.counts.at({"lung", "begun"});
  CHECK(begun.weight == 0.5);
  CHECK(begun.entries == 1);
  CHECK(begun.error == doctest::Approx(0.5));
  CHECK(events.counts.at({"bone", "lodged"}).error == 1);
  CHECK(events.founders.size() == 2);
  CHECK(events.out_of == std::vector<std::pair<std::string, double>>{{"primary", 4}});
}

TEST_CASE("colonies stem from the entry of the cell that founded them") {
  const CascadeEvents events = events_of({
      "1,intravasated,primary,5,5,1,2,0.5",      // cell 5
      "1,intravasated,primary,100,100,1,5,0.5",  // and a copy
      "4,extravasated,lung,5,5,1,2,0.5",         //
      "4,extravasated,lung,100,100,1,5,0.25",    //
      "4,extravasated,lung,200,200,1,100,0.25",  // a copy of the copy
      "4,lodged,lung,50,50,50,-1,1",             // injected
  });
  CHECK(events.entry_of(5) == events.entry_of(100));
  CHECK(events.entry_of(5) == events.entry_of(200));
  CHECK(events.entry_of(5) != events.entry_of(50));
  CHECK(events.entry_of(7777) == 7777);
}

TEST_CASE("what comes later than asked for is left out") {
  const std::initializer_list<const char*> lines{"1,intravasated,primary,5,5,1,2,1", "4,extravasated,bone,5,5,1,2,1",
                                                 "5,initiated,bone,5,5,1,2,1", "9,intravasated,bone,5,5,1,2,1"};
  CHECK(events_of(lines, 4).founders.empty());
  CHECK(events_of(lines, 5).founders.size() == 1);
  CHECK(events_of(lines, 8).out_of.size() == 1);
  CHECK(events_of(lines).out_of.size() == 2);
}

TEST_CASE("a clump founds one colony: of its first cell to begin, whose name the others do not get") {
  const CascadeEvents events = events_of({
      "1,intravasated,primary,7,7,3,2,1",  // a clump of 7 and 8
      "1,intravasated,primary,8,7,4,2,1",  //
      "5,initiated,lung,8,7,4,2,1",        //
      "6,initiated,lung,9,9,5,2,0.5",      //
      "8,woken,lung,7,7,3,2,1",            //
      "9,initiated,bone,10,7,3,7,1",       // a daughter of the clump that came to another organ
  });
  const std::vector<ColonyOrigin> origins = origins_of(events.founders);
  REQUIRE(origins.size() == 3);
  CHECK(origins[0].first.cell == 8);
  CHECK(origins[0].first.time_h == 5);
  CHECK(!origins[0].first.woken);
  CHECK(origins[0].founders == 2);
  CHECK(origins[1].first.cell == 9);
  CHECK(origins[1].founders == 1);
  CHECK(origins[2].first.organ == "bone");
  CHECK(origins[2].founders == 1);
}
