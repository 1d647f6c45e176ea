#!/bin/sh
# Makes an AppImage of the frozen folder, after make package: packaging/appimage/build.sh [OUTPUT]
# Needs appimagetool from https://github.com/AppImage/appimagetool/releases. Without it this makes only
# the folder to be packed, build/SegCam.AppDir, which can be run directly.
set -eu
cd "$(dirname "$0")/../.."
folder=build/SegCam.AppDir
share=build/stage/packaging/linux/share
rm -rf "$folder"
mkdir -p "$folder/usr/lib" "$folder/usr/bin"
cp -a build/frozen/segcam "$folder/usr/lib/segcam"
cp -a "$share" "$folder/usr/share"
ln -s ../lib/segcam/segcam "$folder/usr/bin/segcam"
ln -s usr/bin/segcam "$folder/AppRun"
cp "$share/applications/io.github.segcam.SegCam.desktop" "$folder/"
cp "$share/icons/hicolor/scalable/apps/segcam.svg" "$folder/"
if command -v appimagetool >/dev/null; then
	exec appimagetool --no-appstream "$folder" "${1:-dist/SegCam-$(uname -m).AppImage}"
fi
echo "appimagetool is not installed, so $folder was not packed" >&2
