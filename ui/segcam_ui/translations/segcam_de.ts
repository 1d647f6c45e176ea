<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Adding</name>
    <message>
        <source>Adding backgrounds: {} of {}</source>
        <translation>Hintergründe werden hinzugefügt: {} von {}</translation>
    </message>
    <message>
        <source>{} of {} files could not be added</source>
        <translation>{} von {} Dateien konnten nicht hinzugefügt werden</translation>
    </message>
    <message>
        <source>The last one: {}</source>
        <translation>Die letzte: {}</translation>
    </message>
</context>
<context>
    <name>Background</name>
    <message>
        <source>Bookshelf</source>
        <translation>Bücherregal</translation>
    </message>
    <message>
        <source>Evening window</source>
        <translation>Fenster am Abend</translation>
    </message>
    <message>
        <source>Garden</source>
        <translation>Garten</translation>
    </message>
    <message>
        <source>Night lights</source>
        <translation>Lichter der Nacht</translation>
    </message>
    <message>
        <source>Plain wall</source>
        <translation>Schlichte Wand</translation>
    </message>
    <message>
        <source>Studio graphite</source>
        <translation>Studio Graphit</translation>
    </message>
    <message>
        <source>Studio lagoon</source>
        <translation>Studio Lagune</translation>
    </message>
    <message>
        <source>Studio sand</source>
        <translation>Studio Sand</translation>
    </message>
</context>
<context>
    <name>Camera</name>
    <message>
        <source>First camera</source>
        <translation>Erste Kamera</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Demo</translation>
    </message>
    <message>
        <source>Test pattern</source>
        <translation>Testbild</translation>
    </message>
    <message>
        <source>Demo (no webcam needed)</source>
        <translation>Demo (ohne Webcam)</translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Fast</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <source>Sharp</source>
        <translation>Scharf</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Neural processor (NPU)</source>
        <translation>KI-Prozessor (NPU)</translation>
    </message>
    <message>
        <source>Graphics processor (GPU)</source>
        <translation>Grafikprozessor (GPU)</translation>
    </message>
    <message>
        <source>Main processor (CPU)</source>
        <translation>Hauptprozessor (CPU)</translation>
    </message>
</context>
<context>
    <name>Cure</name>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Copy the command</source>
        <translation>Befehl kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Set up</source>
        <translation>Einrichten</translation>
    </message>
    <message>
        <source>The system asks for your password first</source>
        <translation>Das System fragt zuerst nach Ihrem Passwort</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
</context>
<context>
    <name>DoctorPage</name>
    <message>
        <source>Check-up</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Checking this computer …</source>
        <translation>Dieser Computer wird geprüft …</translation>
    </message>
    <message>
        <source>Problems that keep programs from getting your picture: {}</source>
        <translation>Probleme, durch die Programme Ihr Bild nicht bekommen: {}</translation>
    </message>
    <message>
        <source>Everything is ready for a call</source>
        <translation>Alles ist bereit für ein Videogespräch</translation>
    </message>
    <message>
        <source>The check-up failed</source>
        <translation>Die Prüfung ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>Choose a camera</source>
        <translation>Kamera wählen</translation>
    </message>
</context>
<context>
    <name>GuidePage</name>
    <message>
        <source>How programs find SegCam</source>
        <translation>Wie Programme SegCam finden</translation>
    </message>
    <message>
        <source>Your webcam without your room</source>
        <translation>Ihre Webcam ohne Ihr Zimmer</translation>
    </message>
    <message>
        <source>Try it: this is what others see</source>
        <translation>Ausprobieren: Das sehen die anderen</translation>
    </message>
    <message>
        <source>SegCam hides the room behind you before any program gets a picture, and turns the camera on only while a program watches.</source>
        <translation>SegCam verbirgt das Zimmer hinter Ihnen, bevor ein Programm ein Bild bekommt, und schaltet die Kamera nur ein, solange ein Programm zusieht.</translation>
    </message>
    <message>
        <source>Checking how other programs can use SegCam …</source>
        <translation>Es wird geprüft, wie andere Programme SegCam nutzen können …</translation>
    </message>
    <message>
        <source>SegCam uses its built-in demo instead of a webcam.</source>
        <translation>SegCam verwendet statt einer Webcam die eingebaute Demo.</translation>
    </message>
    <message>
        <source>Browsers and OBS can select the camera “SegCam” (through PipeWire). For all other programs, run this command once:</source>
        <translation>Browser und OBS können die Kamera „SegCam“ auswählen (über PipeWire). Für alle anderen Programme führen Sie einmal diesen Befehl aus:</translation>
    </message>
    <message>
        <source>No program can select SegCam yet. Run this command once:</source>
        <translation>Noch kann kein Programm SegCam auswählen. Führen Sie einmal diesen Befehl aus:</translation>
    </message>
    <message>
        <source>Looking for your camera …</source>
        <translation>Ihre Kamera wird gesucht …</translation>
    </message>
    <message>
        <source>Your camera was found: {}.</source>
        <translation>Ihre Kamera wurde gefunden: {}.</translation>
    </message>
    <message>
        <source>Every program can select the camera “SegCam”.</source>
        <translation>Jedes Programm kann die Kamera „SegCam“ auswählen.</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Name der Voreinstellung</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Voreinstellungen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>How programs find SegCam</source>
        <translation>Wie Programme SegCam finden</translation>
    </message>
    <message>
        <source>Check-up</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Quit SegCam</source>
        <translation>SegCam beenden</translation>
    </message>
</context>
<context>
    <name>Library</name>
    <message>
        <source>No effect</source>
        <translation>Ohne Effekt</translation>
    </message>
    <message>
        <source>Light blur</source>
        <translation>Leicht unscharf</translation>
    </message>
    <message>
        <source>Strong blur</source>
        <translation>Stark unscharf</translation>
    </message>
    <message>
        <source>Colour {}</source>
        <translation>Farbe {}</translation>
    </message>
</context>
<context>
    <name>Line</name>
    <message>
        <source>Paused: the camera is off and others see a placeholder</source>
        <translation>Pause: Die Kamera ist aus, und andere sehen einen Platzhalter</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Starting the camera …</source>
        <translation>Die Kamera wird gestartet …</translation>
    </message>
    <message>
        <source>SegCam is stopped: no program can use its camera</source>
        <translation>SegCam ist beendet: Kein Programm kann seine Kamera benutzen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Reconnecting …</source>
        <translation>Verbindung wird wiederhergestellt …</translation>
    </message>
    <message>
        <source>Starting SegCam …</source>
        <translation>SegCam wird gestartet …</translation>
    </message>
    <message>
        <source>Only you see this: nobody else is watching</source>
        <translation>Nur Sie sehen das: Sonst sieht niemand zu</translation>
    </message>
    <message>
        <source>Camera off: nobody is watching</source>
        <translation>Kamera aus: Niemand sieht zu</translation>
    </message>
    <message>
        <source>{} is watching</source>
        <translation>{} sieht zu</translation>
    </message>
    <message>
        <source>{} and {}</source>
        <translation>{} und {}</translation>
    </message>
    <message>
        <source>{} are watching</source>
        <translation>{} sehen zu</translation>
    </message>
    <message>
        <source>simpler outline</source>
        <translation>einfacherer Umriss</translation>
    </message>
    <message>
        <source>lower frame rate</source>
        <translation>niedrigere Bildrate</translation>
    </message>
    <message>
        <source>smaller model</source>
        <translation>kleineres Modell</translation>
    </message>
    <message>
        <source>Saving processor time: {}</source>
        <translation>Spart Rechenzeit: {}</translation>
    </message>
    <message>
        <source>Plug in a camera, or choose another one</source>
        <translation>Schließen Sie eine Kamera an oder wählen Sie eine andere</translation>
    </message>
    <message>
        <source>Choose a camera</source>
        <translation>Kamera wählen</translation>
    </message>
    <message>
        <source>Check-up</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Show how</source>
        <translation>So geht es</translation>
    </message>
    <message>
        <source>Restart SegCam</source>
        <translation>SegCam neu starten</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>This desktop has no tray: use this window for everything; SegCam keeps running when you close it</source>
        <translation>Dieser Desktop hat keinen Infobereich: Nutzen Sie für alles dieses Fenster; SegCam läuft weiter, wenn Sie es schließen</translation>
    </message>
</context>
<context>
    <name>MainPage</name>
    <message>
        <source>Mirror this picture (only for you)</source>
        <translation>Dieses Bild spiegeln (nur für Sie)</translation>
    </message>
    <message>
        <source>Hold to see yourself without effect (only you see it)</source>
        <translation>Gedrückt halten, um sich ohne Effekt zu sehen (nur Sie sehen das)</translation>
    </message>
</context>
<context>
    <name>Page</name>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
</context>
<context>
    <name>Picker</name>
    <message>
        <source>Add a background</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Blur strength</source>
        <translation>Stärke der Unschärfe</translation>
    </message>
    <message>
        <source>Blur</source>
        <translation>Unschärfe</translation>
    </message>
    <message>
        <source>Picture or video …</source>
        <translation>Bild oder Video …</translation>
    </message>
    <message>
        <source>Colour …</source>
        <translation>Farbe …</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Choose a picture or a video</source>
        <translation>Bild oder Video wählen</translation>
    </message>
    <message>
        <source>Pictures and videos</source>
        <translation>Bilder und Videos</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>“{}” removed</source>
        <translation>„{}“ entfernt</translation>
    </message>
</context>
<context>
    <name>Preset</name>
    <message>
        <source>No presets yet</source>
        <translation>Noch keine Voreinstellungen</translation>
    </message>
    <message>
        <source>Save the current settings as a preset …</source>
        <translation>Aktuelle Einstellungen als Voreinstellung speichern …</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>PreviewWidget</name>
    <message>
        <source>Live picture, as others see it</source>
        <translation>Livebild, wie andere es sehen</translation>
    </message>
    <message>
        <source>Without effect: only you see this</source>
        <translation>Ohne Effekt: nur Sie sehen das</translation>
    </message>
</context>
<context>
    <name>Setting</name>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>Umriss</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>A webcam, by number, path or part of its name; a clip, played in real time; demo; pattern; first (the first webcam); or auto (a webcam, else the demo).</source>
        <translation>Eine Webcam als Nummer, Pfad oder Teil ihres Namens; ein Film, in Echtzeit abgespielt; demo; pattern; first (die erste Webcam) oder auto (eine Webcam, sonst die Demo).</translation>
    </message>
    <message>
        <source>blur, blur:0..100, image:PATH, video:PATH, color:#RRGGBB, or none (shows the room). Options also accept a name from: segcam background list.</source>
        <translation>blur, blur:0..100, image:PFAD, video:PFAD, color:#RRGGBB oder none (zeigt das Zimmer). Optionen nehmen auch einen Namen aus: segcam background list.</translation>
    </message>
    <message>
        <source>How the person&apos;s outline is drawn: from the picture alone (fast), or with a second network (sharp), which is better at hair and hands but takes 4 to 6 ms more processor time per frame. auto: sharp if the room is replaced, the processor is fast enough and the model is the default one.</source>
        <translation>Wie der Umriss der Person gezeichnet wird: allein aus dem Bild (fast) oder mit einem zweiten Netz (sharp), das bei Haaren und Händen besser ist, aber je Bild 4 bis 6 ms mehr Rechenzeit braucht. auto: sharp, wenn das Zimmer ersetzt wird, der Prozessor schnell genug ist und das Standardmodell läuft.</translation>
    </message>
    <message>
        <source>A model from: segcam models list; or a model file.</source>
        <translation>Ein Modell aus: segcam models list; oder eine Modelldatei.</translation>
    </message>
    <message>
        <source>The processor that runs the model: auto, npu, gpu, cpu, or a name from: segcam backends.</source>
        <translation>Der Prozessor, auf dem das Modell läuft: auto, npu, gpu, cpu oder ein Name aus: segcam backends.</translation>
    </message>
    <message>
        <source>Swap left and right.</source>
        <translation>Links und rechts vertauschen.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Width and height of the picture; auto is 1280x720, or a clip&apos;s own size.</source>
        <translation>Breite und Höhe des Bildes; auto ist 1280x720 oder die Größe des Films.</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>Bildrate</translation>
    </message>
    <message>
        <source>Frames per second, 1 to 240; auto is 30, or a clip&apos;s own rate.</source>
        <translation>Bilder je Sekunde, 1 bis 240; auto ist 30 oder die Bildrate des Films.</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Where the picture goes: the path of a v4l2loopback device, pipewire, file:PATH, pyvirtualcam, or null (nowhere). auto: the device, else PipeWire, else a preview file. Separate several with commas: auto,pipewire.</source>
        <translation>Wohin das Bild geht: der Pfad eines v4l2loopback-Geräts, pipewire, file:PFAD, pyvirtualcam oder null (nirgendwohin). auto: das Gerät, sonst PipeWire, sonst eine Vorschaudatei. Mehrere durch Kommas trennen: auto,pipewire.</translation>
    </message>
    <message>
        <source>Camera always on</source>
        <translation>Kamera immer an</translation>
    </message>
    <message>
        <source>Keep the webcam on even while no program is watching.</source>
        <translation>Die Webcam anlassen, auch wenn kein Programm zusieht.</translation>
    </message>
    <message>
        <source>Turn the webcam off this many seconds after the last program stops watching.</source>
        <translation>So viele Sekunden, nachdem das letzte Programm nicht mehr zusieht, die Webcam ausschalten.</translation>
    </message>
    <message>
        <source>Start with the camera off, until you turn it on; programs that watch see that it is off.</source>
        <translation>Mit ausgeschalteter Kamera starten, bis Sie sie einschalten; Programme, die zusehen, zeigen, dass sie aus ist.</translation>
    </message>
    <message>
        <source>Threads per inference on the CPU, 1 to 64.</source>
        <translation>Threads je Berechnung auf der CPU, 1 bis 64.</translation>
    </message>
    <message>
        <source>How many processor cores SegCam may use: 0.5 is half of one, 0 is no limit. Above that, or if the frame rate drops, it uses fast edges, then the default model, then every second frame. auto: 0.5 at 1280x720 and 30 Hz, more for larger or faster pictures.</source>
        <translation>So viele Prozessorkerne darf SegCam nutzen: 0.5 ist ein halber, 0 heißt ohne Grenze. Darüber, oder wenn die Bildrate sinkt, zeichnet es schnelle Umrisse, nimmt dann das Standardmodell, dann nur jedes zweite Bild. auto: 0.5 bei 1280x720 und 30 Hz, mehr bei größeren oder schnelleren Bildern.</translation>
    </message>
    <message>
        <source>Run the model in its own process, so that a crash or hang of its runtime interrupts the picture for two or three seconds instead of stopping SegCam. auto: wherever possible.</source>
        <translation>Das Modell in einem eigenen Prozess ausführen, damit ein Absturz oder Hänger das Bild nur zwei oder drei Sekunden unterbricht, statt SegCam zu beenden. auto: wo immer möglich.</translation>
    </message>
    <message>
        <source>Camera off after</source>
        <translation>Kamera aus nach</translation>
    </message>
    <message>
        <source>Start with the camera off</source>
        <translation>Mit ausgeschalteter Kamera beginnen</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Processor budget</source>
        <translation>Rechenzeit</translation>
    </message>
    <message>
        <source>Model in its own process</source>
        <translation>Modell in eigenem Prozess</translation>
    </message>
    <message>
        <source>The webcam that SegCam uses.</source>
        <translation>Die Webcam, die SegCam verwendet.</translation>
    </message>
    <message>
        <source>How exactly your outline is drawn. Sharp is better at hair and hands, but takes 4 to 6 ms more processor time for each picture.</source>
        <translation>Wie genau Ihr Umriss gezeichnet wird. „Scharf“ ist besser bei Haaren und Händen, braucht aber 4 bis 6 ms mehr Rechenzeit für jedes Bild.</translation>
    </message>
    <message>
        <source>Finds you in the picture.</source>
        <translation>Erkennt Sie im Bild.</translation>
    </message>
    <message>
        <source>Runs the model. Automatic chooses the fastest one.</source>
        <translation>Führt das Modell aus. „Automatisch“ wählt den schnellsten.</translation>
    </message>
    <message>
        <source>Swaps left and right for everybody who watches.</source>
        <translation>Vertauscht links und rechts für alle, die zusehen.</translation>
    </message>
    <message>
        <source>Width and height of the picture, for example 1280x720.</source>
        <translation>Breite und Höhe des Bildes, zum Beispiel 1280x720.</translation>
    </message>
    <message>
        <source>Pictures per second.</source>
        <translation>Bilder pro Sekunde.</translation>
    </message>
    <message>
        <source>Where the picture goes: a device such as /dev/video10, pipewire, or several, separated by commas.</source>
        <translation>Wohin das Bild geht: ein Gerät wie /dev/video10, pipewire oder mehrere, durch Kommas getrennt.</translation>
    </message>
    <message>
        <source>Keeps the webcam on, even when no program watches.</source>
        <translation>Lässt die Webcam an, auch wenn kein Programm zusieht.</translation>
    </message>
    <message>
        <source>Time until the webcam is switched off when no program watches any more.</source>
        <translation>Zeit, bis die Webcam ausgeschaltet wird, wenn kein Programm mehr zusieht.</translation>
    </message>
    <message>
        <source>The webcam stays off after the start, whoever watches, until you press Resume.</source>
        <translation>Die Webcam bleibt nach dem Start aus, auch wenn jemand zusieht, bis Sie auf „Fortsetzen“ klicken.</translation>
    </message>
    <message>
        <source>Processor cores that SegCam may keep busy; 0 means no limit. To stay below it, SegCam draws a simpler outline, then uses a smaller model, then halves the frame rate.</source>
        <translation>Prozessorkerne, die SegCam auslasten darf; 0 bedeutet: keine Grenze. Um darunter zu bleiben, zeichnet SegCam den Umriss einfacher, nimmt dann ein kleineres Modell und halbiert zuletzt die Bildrate.</translation>
    </message>
    <message>
        <source>Cores of the main processor that the model may use at the same time.</source>
        <translation>Kerne des Hauptprozessors, die das Modell gleichzeitig nutzen darf.</translation>
    </message>
    <message>
        <source>If the model crashes or hangs in a process of its own, the camera is back after two or three seconds.</source>
        <translation>Wenn das Modell in einem eigenen Prozess abstürzt oder hängt, läuft die Kamera nach zwei bis drei Sekunden wieder.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Start at login</source>
        <translation>Beim Anmelden starten</translation>
    </message>
    <message>
        <source>Programs find the camera whenever you are logged in.</source>
        <translation>Programme finden die Kamera, sobald Sie angemeldet sind.</translation>
    </message>
    <message>
        <source>Why not the others?</source>
        <translation>Warum nicht die anderen?</translation>
    </message>
    <message>
        <source>In use: {}</source>
        <translation>In Verwendung: {}</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Remove “{}”</source>
        <translation>„{}“ entfernen</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Open SegCam</source>
        <translation>SegCam öffnen</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Quit SegCam</source>
        <translation>SegCam beenden</translation>
    </message>
    <message>
        <source>SegCam: reconnecting …</source>
        <translation>SegCam: Verbindung wird wiederhergestellt …</translation>
    </message>
    <message>
        <source>{} ms delay</source>
        <translation>{} ms Verzögerung</translation>
    </message>
    <message>
        <source>{} % of a processor</source>
        <translation>{} % eines Prozessors</translation>
    </message>
</context>
</TS>
