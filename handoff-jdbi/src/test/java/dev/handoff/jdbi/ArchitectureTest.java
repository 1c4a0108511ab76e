package dev.handoff.jdbi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** What this room may lean on, checked on its main code. */
@AnalyzeClasses(packages = "dev.handoff.jdbi", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_inside_of_the_core_is_not_for_others = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.handoff.internal..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_store_knows_no_channel_and_no_test_double = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.handoff.twilio..", "dev.handoff.testing..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nobody_reads_the_process_clock = noClasses()
            .that()
            .haveSimpleNameNotStartingWith("H2")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .because("time is the database's; on H2 alone it is the process clock")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for = noClasses()
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
            .allowEmptyShould(true);
}
