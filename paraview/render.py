"""Pictures of a run: the cells coloured by a signal, the tunnels that they have eaten into the matrix.

  pvpython paraview/render.py RUN                            the last snapshot -> RUN/picture.png
  pvpython paraview/render.py RUN -o frame.png --time 24     the snapshot nearest to 24 h
  pvpython paraview/render.py RUN --movie                    every snapshot -> RUN/movie_0000.png, ...

  --colour-by akt|vimentin|runx2|COLUMN    which signal colours the cells (default akt); any column of the snapshots
  --tunnels SHARE      surface where density has fallen to this share of what it was at the start (default 0.5; 0: none)
  --size WIDTHxHEIGHT  of the picture (default 1600x1200)
  --cut                show only the half of the cells and tunnels behind the middle
  --azimuth DEGREES, --elevation DEGREES   from where one looks
  --whole              the whole box, not only where the cells are

pvpython comes with ParaView 5.11 or newer; without a screen: xvfb-run -a pvpython ...
"""
import argparse
import json
import os
import sys

from paraview import simple, servermanager

# The three headline signals: column, fixed display range, title. Fixed, so that pictures of different runs compare.
SIGNALS = {
    "akt": ("pakt", (0.0, 1.3), "pAKT (S473)"),
    "vimentin": ("vimentin_stability", (0.0, 0.4), "vimentin stability"),
    "runx2": ("runx2_activity", (0.0, 1.2), "RUNX2 activity"),
}
# Value and red, green, blue: from dark blue over sand to dark red, readable for most colour-blind readers.
COLOURS = [0.0, 0.13, 0.25, 0.52, 0.35, 0.45, 0.68, 0.82, 0.6, 0.95, 0.88, 0.65, 0.8, 0.88, 0.46, 0.28, 1.0, 0.60, 0.05, 0.12]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("-o", "--output")
    parser.add_argument("--time", type=float)
    parser.add_argument("--colour-by", default="akt")
    parser.add_argument("--tunnels", type=float, default=0.5)
    parser.add_argument("--size", default="1600x1200")
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--azimuth", type=float, default=30)
    parser.add_argument("--elevation", type=float, default=20)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--movie", action="store_true")
    return parser.parse_args()


def fail(message, code):
    print(f"render: {message}", file=sys.stderr, flush=True)
    os._exit(code)  # ParaView, left in the middle of things, prints pages of its own


def listed_times(series):
    if not os.path.isfile(series):
        fail(f"{series}: no such file (is this the folder of a run with snapshots?)", 66)
    with open(series, encoding="utf-8") as file:
        return [entry["time"] for entry in json.load(file)["files"]]


def count_cells(cells, time):
    simple.UpdatePipeline(time, cells)
    return cells.GetDataInformation().GetNumberOfPoints()


def point_array(source, name):
    return source.PointData.GetArray(name)


def show_cells(cells, view, colour_by, cut):
    column, limits, title = SIGNALS.get(colour_by, (colour_by, None, colour_by))
    info = point_array(cells, column)
    if info is None:
        names = ", ".join(sorted(array.Name for array in cells.PointData))
        fail(f"--colour-by {colour_by}: no such column (there are akt, vimentin, runx2, {names})", 2)
    source = behind_the_middle(cells, cut)
    glyph = simple.Glyph(registrationName="cells", Input=source, GlyphType="Sphere")
    glyph.ScaleArray = ["POINTS", "radius"]
    glyph.ScaleFactor = 2.0  # the sphere of the glyph has diameter 1
    glyph.OrientationArray = ["POINTS", "No orientation array"]
    glyph.GlyphMode = "All Points"
    glyph.GlyphType.ThetaResolution = glyph.GlyphType.PhiResolution = 16
    shown = simple.Show(glyph, view)
    simple.ColorBy(shown, ("POINTS", column))
    table = simple.GetColorTransferFunction(column)
    low, high = limits or info.GetRange()
    if not high > low:
        high = low + 1
    table.ColorSpace = "Lab"
    table.RGBPoints = [value if k % 4 else low + value * (high - low) for k, value in enumerate(COLOURS)]
    bar = simple.GetScalarBar(table, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = [0.1, 0.1, 0.1]
    bar.TitleFontSize, bar.LabelFontSize = 20, 18
    bar.WindowLocation, bar.Position, bar.ScalarBarLength = "Any Location", [0.88, 0.25], 0.5
    bar.RangeLabelFormat = bar.LabelFormat = "%-#6.2g"
    shown.SetScalarBarVisibility(view, True)
    shown.Specular, shown.Ambient = 0.2, 0.15


def behind_the_middle(source, bounds):
    """Without `bounds` the source; else what lies behind the middle of them, seen along y."""
    if bounds is None:
        return source
    clip = simple.Clip(Input=source, ClipType="Plane")
    clip.ClipType.Origin = [(bounds[2 * axis] + bounds[2 * axis + 1]) / 2 for axis in range(3)]
    clip.ClipType.Normal = [0, 1, 0]
    clip.Invert = 0
    return clip


def show_matrix(lattice, view, share, cut, first_time):
    if point_array(lattice, "density") is None:
        return
    simple.UpdatePipeline(first_time, lattice)
    start = point_array(lattice, "density").GetRange()[1]
    outline = simple.Show(simple.Outline(Input=lattice), view)
    outline.AmbientColor = outline.DiffuseColor = [0.55, 0.55, 0.55]
    if share <= 0 or start <= 0:
        return
    # The largest density at the start is that of the gel; a soft bed or a tunnel lies below the surface.
    surface = simple.Contour(Input=behind_the_middle(lattice, cut), ContourBy=["POINTS", "density"], Isosurfaces=[share * start])
    shown = simple.Show(surface, view)
    shown.ColorArrayName = ["POINTS", ""]
    shown.AmbientColor = shown.DiffuseColor = [0.80, 0.66, 0.45]
    shown.Opacity = 0.25


def show_scale(bounds, view):
    """A bar of a round length along the lower front edge, and what it means."""
    width = max(bounds[1] - bounds[0], 1.0)
    length = max(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if step <= max(width / 4, 1))
    line = simple.Line(Point1=[bounds[0], bounds[2], bounds[4]], Point2=[bounds[0] + length, bounds[2], bounds[4]])
    shown = simple.Show(line, view)
    shown.LineWidth = 6
    shown.AmbientColor = shown.DiffuseColor = [0.1, 0.1, 0.1]
    label = simple.Show(simple.Text(Text=f"bar: {length} um"), view)
    label.WindowLocation, label.FontSize, label.Color = "Lower Left Corner", 22, [0.1, 0.1, 0.1]


def grown(bounds):
    """Bounds with a margin of a quarter, at least 50 um; None when there is nothing inside."""
    if bounds[1] < bounds[0]:
        return None
    margin = max(0.25 * max(bounds[2 * axis + 1] - bounds[2 * axis] for axis in range(3)), 50)
    return tuple(value + (margin if k % 2 else -margin) for k, value in enumerate(bounds))


def main():
    options = arguments()
    try:
        width, height = (int(n) for n in options.size.lower().split("x"))
    except ValueError:
        fail(f"--size {options.size}: wanted WIDTHxHEIGHT, for example 1600x1200", 2)
    run = options.run.rstrip("/")
    times = listed_times(os.path.join(run, "cells.hdf.series"))

    simple._DisableFirstRenderCameraReset()
    view = simple.CreateRenderView(ViewSize=[width, height])
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    view.OrientationAxesVisibility = 1
    view.OrientationAxesLabelColor = [0.1, 0.1, 0.1]

    cells = simple.OpenDataFile(os.path.join(run, "cells.hdf.series"))
    wanted = min(times, key=lambda t: abs(t - options.time)) if options.time is not None else times[-1]
    # Columns and bounds are known only where there are cells.
    populated = next((time for time in [wanted, *times] if count_cells(cells, time) > 0), None)
    around_the_cells = grown(cells.GetDataInformation().GetBounds())
    bounds = around_the_cells or (0, 1, 0, 1, 0, 1)
    lattice_series = os.path.join(run, "lattice.hdf.series")
    if os.path.isfile(lattice_series):
        lattice = simple.OpenDataFile(lattice_series)
        simple.UpdatePipeline(times[0], lattice)
        bounds = lattice.GetDataInformation().GetBounds()
        show_matrix(lattice, view, options.tunnels, bounds if options.cut else None, times[0])
    if populated is not None:
        simple.UpdatePipeline(populated, cells)
        show_cells(cells, view, options.colour_by, bounds if options.cut else None)
    show_scale(bounds if options.whole else around_the_cells or bounds, view)
    clock = simple.Show(simple.Text(registrationName="clock"), view)
    clock.WindowLocation, clock.FontSize, clock.Color = "Upper Left Corner", 26, [0.1, 0.1, 0.1]

    camera = view.GetActiveCamera()
    if not options.whole:
        bounds = around_the_cells or bounds
    middle = [(bounds[2 * axis] + bounds[2 * axis + 1]) / 2 for axis in range(3)]
    view.CameraFocalPoint = middle
    view.CameraPosition = [middle[0], middle[1] - 1000, middle[2]]
    view.CameraViewUp = [0, 0, 1]
    view.ResetCamera(*bounds)
    camera.Azimuth(options.azimuth)
    camera.Elevation(options.elevation)

    frames = times if options.movie else [wanted]
    for index, time in enumerate(frames):
        view.ViewTime = time
        simple.FindSource("clock").Text = f"{time:.1f} h"
        if options.movie:
            stem = os.path.splitext(options.output)[0] if options.output else os.path.join(run, "movie")
            picture = f"{stem}_{index:04}.png"
        else:
            picture = options.output or os.path.join(run, "picture.png")
        simple.Render(view)
        simple.SaveScreenshot(picture, view, ImageResolution=[width, height])
        print(picture)


main()
