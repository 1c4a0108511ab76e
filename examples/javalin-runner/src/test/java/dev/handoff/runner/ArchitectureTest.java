package dev.handoff.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this room may lean on, checked on its main code. */
@AnalyzeClasses(packages = "dev.handoff.runner", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_inside_of_the_core_is_not_for_others = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.handoff.internal..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_service_runs_without_test_doubles = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.handoff.testing..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for = noClasses()
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
            .allowEmptyShould(true);
}
