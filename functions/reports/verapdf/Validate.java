// Validates PDF files for PDF/UA-1 and PDF/A-3a by veraPDF, prints what fails, and exits with 1 if
// anything does:
//
//   mvn -q -f functions/reports/verapdf dependency:copy-dependencies -DoutputDirectory="$PWD/target/verapdf"
//   java -cp 'target/verapdf/*' functions/reports/verapdf/Validate.java FILE...

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

public class Validate {
    /** Failures of one rule that are printed; a fault of every page would bury the others. */
    private static final int SHOWN = 2;

    public static void main(String[] files) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        int passed = 0;
        int failed = 0;
        for (String file : files) {
            for (String id : new String[] {"ua1", "3a"}) {
                if (conforms(file, PDFAFlavour.byFlavourId(id))) passed++;
                else failed++;
            }
        }
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private static boolean conforms(String file, PDFAFlavour flavour) throws Exception {
        try (var stream = Files.newInputStream(Path.of(file));
                var parser = Foundries.defaultInstance().createParser(stream, flavour);
                var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            var result = validator.validate(parser);
            System.out.println(file + " " + flavour.getId() + (result.isCompliant() ? " conforms" : " FAILS"));
            var seen = new TreeMap<String, Integer>();
            for (var test : result.getTestAssertions()) {
                if (test.getStatus() != TestAssertion.Status.FAILED) continue;
                var rule = test.getRuleId().getClause() + "-" + test.getRuleId().getTestNumber();
                if (seen.merge(rule, 1, Integer::sum) > SHOWN) continue;
                System.out.println("  " + rule + " " + test.getMessage() + " @ " + test.getLocation().getContext());
            }
            return result.isCompliant();
        }
    }
}
